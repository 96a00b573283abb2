-- What operators do to the running service from the chat.

-- The message in which a broadcast's progress is shown, and how far it was when its pace began to count.
-- `press_stop`, `press_card`: what its buttons carry. `delivery`: the last edit, `shown`: a digest of what it said.
-- `ended` 1: nothing more is to be shown.
CREATE TABLE campaign_reports (
    campaign    TEXT NOT NULL PRIMARY KEY,
    chat        BIGINT NOT NULL,
    thread      BIGINT,
    message_id  BIGINT NOT NULL,
    language    TEXT NOT NULL,
    press_stop  TEXT NOT NULL,
    press_card  TEXT NOT NULL,
    begun_at    BIGINT NOT NULL,
    begun_ended BIGINT NOT NULL,
    edits       BIGINT NOT NULL DEFAULT 0,
    delivery    TEXT,
    shown       TEXT NOT NULL DEFAULT '',
    shown_at    BIGINT NOT NULL,
    ended       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX campaign_reports_open ON campaign_reports (shown_at) WHERE ended = 0;

-- Operators who want to hear of each order, and where.
CREATE TABLE order_watchers (
    user_id  BIGINT NOT NULL PRIMARY KEY,
    chat     BIGINT NOT NULL,
    language TEXT NOT NULL,
    since    BIGINT NOT NULL
);

-- Lists of orders, newest first.
CREATE INDEX orders_age ON orders (created_at);
