-- Support: who waits since when, who hears of it, and which copy is of which message.

ALTER TABLE tickets ADD COLUMN waiting_since BIGINT;
-- Chats that hear of the ticket and their language, as JSON.
ALTER TABLE tickets ADD COLUMN staff TEXT NOT NULL DEFAULT '{"chats":[],"language":"en"}';
-- The message that says who the person is, as JSON: a topic that is made anew begins with it.
ALTER TABLE tickets ADD COLUMN header TEXT;
ALTER TABLE tickets ADD COLUMN unreachable BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN helped BIGINT NOT NULL DEFAULT 0;
UPDATE tickets SET waiting_since = updated_at WHERE state = 'open';
CREATE INDEX tickets_user ON tickets (user_id, created_at);
CREATE INDEX tickets_waiting ON tickets (waiting_since) WHERE waiting_since IS NOT NULL;

-- side is person, staff or note; delivery carries it to the other side.
ALTER TABLE ticket_messages ADD COLUMN side TEXT NOT NULL DEFAULT 'person';
ALTER TABLE ticket_messages ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_messages ADD COLUMN delivery TEXT;
CREATE INDEX ticket_messages_delivery ON ticket_messages (delivery) WHERE delivery IS NOT NULL;

-- What stands in a chat of staff: copies of the person's messages (about), headers and words (about is null).
CREATE TABLE ticket_copies (
    chat       BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    ticket     TEXT NOT NULL,
    about      BIGINT,
    header     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (chat, message_id)
);
CREATE INDEX ticket_copies_ticket ON ticket_copies (ticket, chat);

-- The topic of a person in a group; thread is null where the group had no topics at that time.
CREATE TABLE ticket_topics (
    user_id BIGINT NOT NULL,
    chat    BIGINT NOT NULL,
    thread  BIGINT,
    at      BIGINT NOT NULL,
    PRIMARY KEY (user_id, chat)
);
CREATE INDEX ticket_topics_thread ON ticket_topics (chat, thread);

-- Answers that are kept ready.
CREATE TABLE ticket_canned (
    name     TEXT NOT NULL,
    language TEXT NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (name, language)
);
