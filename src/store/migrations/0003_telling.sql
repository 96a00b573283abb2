-- Changes, watches, matching and delivery. The rules of 0001 hold.

-- ---------------------------------------------------------------------------------------------------
-- Changes and identity
-- ---------------------------------------------------------------------------------------------------

-- A reading that waits for another one that agrees (JSON), see domain::change::gate.
ALTER TABLE listings ADD COLUMN held TEXT;
-- One point for each version of the listing that has another price. Moves are measured from the last one that was
-- told (or taken as given: the first one, another currency); a move too small to be told leaves one that was not.
ALTER TABLE price_points ADD COLUMN told BIGINT NOT NULL DEFAULT 1;
-- The thing behind the listing: listings of several sites, or a repost, share it. None: itself.
ALTER TABLE listings ADD COLUMN thing TEXT;
CREATE INDEX listings_thing ON listings (thing) WHERE thing IS NOT NULL;

-- What identity compares of a listing: numbers, words and a sketch of its text (JSON of domain::identity::Traits).
-- May be emptied at any time: costs a missed merge, never a wrong one. Retention 180 days after the last writing.
CREATE TABLE sketches (
    site    TEXT NOT NULL,
    ext_id  TEXT NOT NULL,
    data    TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (site, ext_id)
);
CREATE INDEX sketches_age ON sketches (seen_at);

-- Names under which sketches are found: place and rounded numbers. Few listings under each; the oldest go.
CREATE TABLE sketch_buckets (
    bucket  TEXT NOT NULL,
    site    TEXT NOT NULL,
    ext_id  TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (bucket, site, ext_id)
);
CREATE INDEX sketch_buckets_listing ON sketch_buckets (site, ext_id);
CREATE INDEX sketch_buckets_age ON sketch_buckets (seen_at);

-- ---------------------------------------------------------------------------------------------------
-- Watches
-- ---------------------------------------------------------------------------------------------------

-- Told nothing before this moment.
ALTER TABLE watches ADD COLUMN muted_until BIGINT;
-- How this watch is told, where it differs from the chat (JSON of domain::preferences::WatchTelling).
ALTER TABLE watches ADD COLUMN telling TEXT NOT NULL DEFAULT '{}';
-- Who paused it: '' nobody, 'owner', 'plan' (the limit of the plan), 'operator'.
ALTER TABLE watches ADD COLUMN paused_by TEXT NOT NULL DEFAULT '';
ALTER TABLE watches ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX watches_plan_paused ON watches (user_id) WHERE paused_by = 'plan';

-- Made for a watch and not by an operator or the list of searches: it vanishes with its last watch.
ALTER TABLE sources ADD COLUMN by_watch BIGINT NOT NULL DEFAULT 0;

-- Every change of a watch, in order: processes follow it to keep their match index. `seq` is one more than the
-- highest so far, taken inside the writing transaction. Rows older than a day are pruned: who is further behind
-- reads all watches anew.
CREATE TABLE watch_log (
    seq   BIGINT NOT NULL PRIMARY KEY,
    watch TEXT NOT NULL,
    at    BIGINT NOT NULL
);

-- ---------------------------------------------------------------------------------------------------
-- How people want to be told
-- ---------------------------------------------------------------------------------------------------

-- Preferences of a chat or of one of its topics (thread 0: the chat itself), JSON of domain::preferences::Preferences.
CREATE TABLE chat_preferences (
    chat       BIGINT NOT NULL,
    thread     BIGINT NOT NULL DEFAULT 0,
    data       TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (chat, thread)
);

-- What a chat does not want to hear of: kind is 'listing' (subject site/id), 'seller' (site/name) or 'all' ('').
-- Without an end it holds for ever.
CREATE TABLE mutes (
    chat       BIGINT NOT NULL,
    thread     BIGINT NOT NULL DEFAULT 0,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    ends_at    BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (chat, thread, kind, subject)
);

-- Listings that a person keeps.
CREATE TABLE saved (
    user_id  BIGINT NOT NULL,
    site     TEXT NOT NULL,
    ext_id   TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, site, ext_id)
);

-- Messages about a listing that stand in chats: they are edited when it sells or its price moves. `form` is what
-- can be edited: 'text' or 'caption'; `version` is that of the listing as the message shows it.
-- Retention 180 days (Telegram lets a bot edit its own messages without limit of age in private chats).
CREATE TABLE posts (
    chat       BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    thread     BIGINT NOT NULL DEFAULT 0,
    site       TEXT NOT NULL,
    ext_id     TEXT NOT NULL,
    delivery   TEXT NOT NULL,
    form       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    sent_at    BIGINT NOT NULL,
    PRIMARY KEY (chat, message_id)
);
CREATE INDEX posts_listing ON posts (site, ext_id);
CREATE INDEX posts_chat ON posts (chat, sent_at);
CREATE INDEX posts_age ON posts (sent_at);

-- `slot`: the digest that collects the row (state `collected`); `folded_in`: the delivery that told it
-- (state `folded`); `campaign`: the broadcast that it belongs to.
ALTER TABLE deliveries ADD COLUMN slot BIGINT;
ALTER TABLE deliveries ADD COLUMN folded_in TEXT;
ALTER TABLE deliveries ADD COLUMN campaign TEXT;
CREATE INDEX deliveries_slot ON deliveries (chat, slot) WHERE state = 'collected';
-- Claims of digests that somebody left.
CREATE INDEX occurrences_running ON occurrences (started_at) WHERE state = 'running';
CREATE INDEX deliveries_campaign ON deliveries (campaign, state) WHERE campaign IS NOT NULL;

-- ---------------------------------------------------------------------------------------------------
-- Broadcasts
-- ---------------------------------------------------------------------------------------------------

-- How it is sent (JSON: language variants, paid or not, budget in Stars), who holds it, how far it is.
ALTER TABLE campaigns ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE campaigns ADD COLUMN stopped_at BIGINT;
ALTER TABLE campaigns ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
-- Place in the frozen order, from 1; rows without a delivery are still to be queued.
ALTER TABLE campaign_recipients ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaign_recipients ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
CREATE INDEX campaign_recipients_waiting ON campaign_recipients (campaign, place) WHERE delivery IS NULL;

-- When the chat last said something to the bot, to the hour; 0: unknown.
ALTER TABLE chats ADD COLUMN heard_at BIGINT NOT NULL DEFAULT 0;
UPDATE chats SET heard_at =
    COALESCE((SELECT MAX(d.updated_at) FROM dialogues d WHERE d.chat = chats.id), 0);

-- ---------------------------------------------------------------------------------------------------
-- Pace
-- ---------------------------------------------------------------------------------------------------

-- From here on `next_at` is in microseconds. `recent`: the last slots (µs, ascending, comma-separated), so that no
-- second holds more than its worth. Scope `paid`: slots against Stars; `spent`: tenths of a Star on the day `spent_on`
-- (days since 1970 UTC).
ALTER TABLE pace ADD COLUMN recent TEXT NOT NULL DEFAULT '';
ALTER TABLE pace ADD COLUMN spent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pace ADD COLUMN spent_on BIGINT NOT NULL DEFAULT 0;
UPDATE pace SET next_at = next_at * 1000;
INSERT INTO pace (scope, next_at) VALUES ('paid', 0);
