-- The whole record. Rules that keep one text valid on SQLite and PostgreSQL:
--   * column types are BIGINT, TEXT, DOUBLE PRECISION and BYTEA only; truth is BIGINT 0/1;
--   * moments are BIGINT milliseconds since 1970 UTC; documents are JSON in TEXT;
--   * ids come from the program; no auto-increment;
--   * no column is called like a word that PostgreSQL reserves (user, offset, …).
-- A migration that was applied is never edited: its checksum is stored.

-- ---------------------------------------------------------------------------------------------------
-- The installation
-- ---------------------------------------------------------------------------------------------------

-- Single values: `identity` (made once, part of every cache key), `pulse` (written by health checks).
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Processes that announced themselves. A row whose file lock is free belongs to a dead process.
CREATE TABLE instances (
    owner      TEXT NOT NULL PRIMARY KEY,
    role       TEXT NOT NULL,
    pid        BIGINT NOT NULL,
    lock_path  TEXT NOT NULL,
    started_at BIGINT NOT NULL
);

-- ---------------------------------------------------------------------------------------------------
-- People and chats
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE users (
    id         BIGINT NOT NULL PRIMARY KEY,
    language   TEXT NOT NULL,
    banned     BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- `active_at` is Telegram's date of the last block, unblock, kick or invitation that counted: an older
-- event loses against it whatever the order of arrival. `migrated_to` names the supergroup.
CREATE TABLE chats (
    id          BIGINT NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    active      BIGINT NOT NULL DEFAULT 1,
    active_at   BIGINT NOT NULL DEFAULT 0,
    migrated_to BIGINT
);

-- State of a conversation; `version` grows by one with each commit (optimistic lock).
CREATE TABLE dialogues (
    chat       BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    state      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (chat, user_id)
);

-- ---------------------------------------------------------------------------------------------------
-- What came in
-- ---------------------------------------------------------------------------------------------------

-- Updates by identity: a set, not a high-water mark, because ids restart at random after a quiet week.
-- Poison keeps its body; one without a readable id has a negative number made from the body.
-- Retention 14 days: Telegram repeats for 24 hours, the rest is against replays.
CREATE TABLE inbox (
    bot         BIGINT NOT NULL,
    update_id   BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    poison      BIGINT NOT NULL DEFAULT 0,
    body        BYTEA,
    reason      TEXT,
    PRIMARY KEY (bot, update_id)
);
CREATE INDEX inbox_age ON inbox (received_at);

-- Position of long polling: the next `offset` for getUpdates.
CREATE TABLE polling (
    bot         BIGINT NOT NULL PRIMARY KEY,
    next_offset BIGINT NOT NULL
);

-- Notices of payment providers, by provider and digest of the raw body: for keeping, not for the effect.
-- Retention one year.
CREATE TABLE hook_inbox (
    provider    TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    body        BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    state       TEXT NOT NULL,
    tries       BIGINT NOT NULL DEFAULT 0,
    next_try_at BIGINT,
    note        TEXT,
    PRIMARY KEY (provider, body_digest)
);
CREATE INDEX hook_inbox_due ON hook_inbox (next_try_at) WHERE next_try_at IS NOT NULL;

-- Button presses whose effect has no key of its own: message of the button and its generation.
CREATE TABLE clicks (
    chat       BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    generation TEXT NOT NULL,
    clicked_at BIGINT NOT NULL,
    PRIMARY KEY (chat, message_id, generation)
);
CREATE INDEX clicks_age ON clicks (clicked_at);

-- Requests of the REST interface: the same key with another request is refused. Retention 7 days.
CREATE TABLE idempotency_keys (
    token          TEXT NOT NULL,
    request_key    TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    status         BIGINT,
    answer         TEXT,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (token, request_key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- ---------------------------------------------------------------------------------------------------
-- Sources and runs
-- ---------------------------------------------------------------------------------------------------

-- One row per search page; equal searches of many people are one. A claim sets `claimed_by`, raises
-- `epoch` and moves `next_due_at` in one statement; results of an older epoch are refused.
CREATE TABLE sources (
    id            TEXT NOT NULL PRIMARY KEY,
    site          TEXT NOT NULL,
    url           TEXT NOT NULL,
    title         TEXT NOT NULL,
    interval_ms   BIGINT NOT NULL,
    offered       BIGINT NOT NULL DEFAULT 0,
    paused        BIGINT NOT NULL DEFAULT 0,
    next_due_at   BIGINT NOT NULL,
    epoch         BIGINT NOT NULL DEFAULT 0,
    claimed_by    TEXT,
    claimed_at    BIGINT,
    baseline_done BIGINT NOT NULL DEFAULT 0,
    failures      BIGINT NOT NULL DEFAULT 0,
    verdict       TEXT,
    last_run_at   BIGINT,
    last_count    BIGINT,
    etag          TEXT,
    last_modified TEXT,
    rung          TEXT,
    last_error    TEXT,
    created_at    BIGINT NOT NULL
);
CREATE INDEX sources_due ON sources (next_due_at) WHERE paused = 0 AND claimed_by IS NULL;
CREATE INDEX sources_claimed ON sources (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX sources_offered ON sources (site, title) WHERE offered = 1;

-- One row per run, named by the epoch of its claim: a repeated report finds itself. Retention 30 days.
CREATE TABLE runs (
    source        TEXT NOT NULL,
    epoch         BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    finished_at   BIGINT NOT NULL,
    verdict       TEXT NOT NULL,
    items         BIGINT NOT NULL,
    rung          TEXT NOT NULL,
    bytes         BIGINT NOT NULL,
    error         TEXT,
    won           TEXT NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    next_due_at   BIGINT,
    PRIMARY KEY (source, epoch)
);
CREATE INDEX runs_age ON runs (finished_at);

-- Health of a site module over all its sources: quarantine in steps, and what was told to whom.
CREATE TABLE site_health (
    site           TEXT NOT NULL PRIMARY KEY,
    state          TEXT NOT NULL,
    step           BIGINT NOT NULL DEFAULT 0,
    since          BIGINT NOT NULL,
    probe_at       BIGINT,
    told_at        BIGINT,
    expected       TEXT,
    updated_at     BIGINT NOT NULL
);

-- Pages of failed runs, one per group of equal failures; the file lies in the data directory.
CREATE TABLE failure_pages (
    site        TEXT NOT NULL,
    group_key   TEXT NOT NULL,
    source      TEXT NOT NULL,
    url         TEXT NOT NULL,
    path        TEXT NOT NULL,
    picture     TEXT,
    reason      TEXT NOT NULL,
    times       BIGINT NOT NULL DEFAULT 1,
    first_at    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    PRIMARY KEY (site, group_key)
);

-- Log-ins at sites (cookies, sealed by the program) by site and name.
CREATE TABLE sessions (
    site       TEXT NOT NULL,
    name       TEXT NOT NULL,
    sealed     BYTEA NOT NULL,
    state      TEXT NOT NULL,
    expires_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (site, name)
);

-- ---------------------------------------------------------------------------------------------------
-- Listings and changes
-- ---------------------------------------------------------------------------------------------------

-- One offer of one site. `version` is that of the last change, from 1; `data` the last reading as JSON.
-- Retention: while it is seen and 180 days more.
CREATE TABLE listings (
    site          TEXT NOT NULL,
    ext_id        TEXT NOT NULL,
    data          TEXT NOT NULL,
    fingerprint   BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    gone          BIGINT NOT NULL DEFAULT 0,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    PRIMARY KEY (site, ext_id)
);
CREATE INDEX listings_age ON listings (last_seen_at);

-- Which sources have shown a listing; `place` is its place in the batch that brought it (newest first).
CREATE TABLE listing_sources (
    source        TEXT NOT NULL,
    site          TEXT NOT NULL,
    ext_id        TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    place         BIGINT NOT NULL,
    PRIMARY KEY (source, site, ext_id)
);
CREATE INDEX listing_sources_latest ON listing_sources (source, first_seen_at);
CREATE INDEX listing_sources_listing ON listing_sources (site, ext_id);

-- Asking prices over time, one per version of the listing.
CREATE TABLE price_points (
    site     TEXT NOT NULL,
    ext_id   TEXT NOT NULL,
    version  BIGINT NOT NULL,
    seen_at  BIGINT NOT NULL,
    minor    BIGINT NOT NULL,
    currency TEXT NOT NULL,
    PRIMARY KEY (site, ext_id, version)
);

-- Changes. `id` is a digest of the unique key; `data` the change as JSON, for rendering at send time.
CREATE TABLE events (
    id      TEXT NOT NULL PRIMARY KEY,
    site    TEXT NOT NULL,
    ext_id  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    version BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    data    TEXT NOT NULL,
    UNIQUE (site, ext_id, kind, version)
);
CREATE INDEX events_age ON events (at);

-- ---------------------------------------------------------------------------------------------------
-- Watches
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE watches (
    id         TEXT NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    chat       BIGINT NOT NULL,
    thread     BIGINT,
    name       TEXT NOT NULL,
    filter     TEXT NOT NULL,
    paused     BIGINT NOT NULL DEFAULT 0,
    language   TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX watches_chat ON watches (chat, created_at);
CREATE INDEX watches_user ON watches (user_id);

CREATE TABLE watch_sources (
    watch  TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (watch, source)
);
CREATE INDEX watch_sources_source ON watch_sources (source);

-- ---------------------------------------------------------------------------------------------------
-- The outbox
-- ---------------------------------------------------------------------------------------------------

-- One row per message to one chat; `id` is a digest of class, chat and subject, so repeating is harmless.
-- `seq` grows with the time of writing: the order inside a priority. Retention 180 days after the end.
CREATE TABLE deliveries (
    id               TEXT NOT NULL PRIMARY KEY,
    seq              BIGINT NOT NULL,
    class            TEXT NOT NULL,
    priority         BIGINT NOT NULL,
    chat             BIGINT NOT NULL,
    thread           BIGINT,
    language         TEXT NOT NULL,
    content          TEXT NOT NULL,
    state            TEXT NOT NULL,
    not_before       BIGINT NOT NULL,
    epoch            BIGINT NOT NULL DEFAULT 0,
    owner            TEXT,
    intent_at        BIGINT,
    attempts_refused BIGINT NOT NULL DEFAULT 0,
    attempts_crashed BIGINT NOT NULL DEFAULT 0,
    doubts           BIGINT NOT NULL DEFAULT 0,
    message_id       BIGINT,
    reason           TEXT,
    created_at       BIGINT NOT NULL,
    done_at          BIGINT
);
-- All that a lane asks: what is first, when the next is due, what is in flight.
CREATE INDEX deliveries_lane ON deliveries (chat, state, priority, seq, not_before);
-- What a process holds (burials); `owner` is set only while `sending`.
CREATE INDEX deliveries_owner ON deliveries (owner) WHERE owner IS NOT NULL;
-- Order of writing, lists and counts for operators.
CREATE INDEX deliveries_seq ON deliveries (seq);
CREATE INDEX deliveries_state ON deliveries (state, seq);
CREATE INDEX deliveries_doubted ON deliveries (seq) WHERE doubts > 0;
CREATE INDEX deliveries_age ON deliveries (done_at) WHERE done_at IS NOT NULL;

-- One row per chat that was ever written to: the queue of chats. Claims read this table, never the
-- million pending rows behind it.
--   ready     1: nothing is in flight, the chat is open and a delivery waits; then `priority`, `seq`,
--             `class` and `since` describe the most urgent one
--   wake_at   look at the lane again then: the chat opens, or another delivery comes due
--   in_flight number of deliveries in `sending`
--   open_at   not before: 429, or the window of the chat is full; `wait_until` is the 429 alone, because
--             replies heed that one but may be faster than the window
--   recent    moments of the last slots, ascending, comma-separated
CREATE TABLE lanes (
    chat      BIGINT NOT NULL PRIMARY KEY,
    ready     BIGINT NOT NULL DEFAULT 0,
    priority  BIGINT NOT NULL DEFAULT 0,
    seq       BIGINT NOT NULL DEFAULT 0,
    class     TEXT NOT NULL DEFAULT '',
    since     BIGINT NOT NULL DEFAULT 0,
    wake_at   BIGINT,
    in_flight BIGINT NOT NULL DEFAULT 0,
    open_at    BIGINT NOT NULL DEFAULT 0,
    wait_until BIGINT NOT NULL DEFAULT 0,
    recent    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX lanes_ready ON lanes (priority, seq) WHERE ready = 1;
CREATE INDEX lanes_since ON lanes (since) WHERE ready = 1;
CREATE INDEX lanes_wake ON lanes (wake_at) WHERE wake_at IS NOT NULL;

-- The overall pace: the next free slot of each scope (`telegram`).
CREATE TABLE pace (
    scope   TEXT NOT NULL PRIMARY KEY,
    next_at BIGINT NOT NULL
);
INSERT INTO pace (scope, next_at) VALUES ('telegram', 0);

-- ---------------------------------------------------------------------------------------------------
-- Money. Amounts are minor units of the currency; the ledger is only ever added to.
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE plans (
    id         TEXT NOT NULL PRIMARY KEY,
    title      TEXT NOT NULL,
    days       BIGINT NOT NULL,
    terms      TEXT NOT NULL,
    active     BIGINT NOT NULL DEFAULT 1,
    updated_at BIGINT NOT NULL
);

-- Committed before any invoice exists; the payload of the invoice is the id.
CREATE TABLE orders (
    id         TEXT NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    plan       TEXT NOT NULL,
    minor      BIGINT NOT NULL,
    currency   TEXT NOT NULL,
    provider   TEXT NOT NULL,
    invoice    TEXT,
    state      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at    BIGINT
);
CREATE INDEX orders_user ON orders (user_id, created_at);
CREATE INDEX orders_open ON orders (expires_at) WHERE state = 'pending';

-- What providers say, one row per payment, overwritten by each read-back.
CREATE TABLE payments (
    provider   TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    order_id   TEXT,
    user_id    BIGINT,
    minor      BIGINT NOT NULL,
    currency   TEXT NOT NULL,
    state      TEXT NOT NULL,
    data       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (provider, payment_id)
);
CREATE INDEX payments_order ON payments (order_id);

-- Every movement: kind is credit, refund, chargeback or correction. Kept for ever.
CREATE TABLE ledger (
    provider   TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    user_id    BIGINT NOT NULL,
    order_id   TEXT,
    plan       TEXT,
    days       BIGINT NOT NULL DEFAULT 0,
    minor      BIGINT NOT NULL,
    currency   TEXT NOT NULL,
    at         BIGINT NOT NULL,
    note       TEXT,
    PRIMARY KEY (provider, payment_id, kind)
);
CREATE INDEX ledger_user ON ledger (user_id, at);

-- What the ledger amounts to: a cache that the nightly audit recomputes.
CREATE TABLE entitlements (
    user_id    BIGINT NOT NULL,
    plan       TEXT NOT NULL,
    until      BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, plan)
);
CREATE INDEX entitlements_end ON entitlements (until);

-- ---------------------------------------------------------------------------------------------------
-- Support, broadcasts, moments
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE tickets (
    id         TEXT NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    chat       BIGINT NOT NULL,
    topic      BIGINT,
    state      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tickets_open ON tickets (user_id) WHERE state = 'open';

CREATE TABLE ticket_messages (
    chat         BIGINT NOT NULL,
    message_id   BIGINT NOT NULL,
    ticket       TEXT NOT NULL,
    from_user    BIGINT NOT NULL,
    text         TEXT NOT NULL,
    staff_copy   BIGINT,
    at           BIGINT NOT NULL,
    PRIMARY KEY (chat, message_id)
);
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket, at);

CREATE TABLE campaigns (
    id         TEXT NOT NULL PRIMARY KEY,
    title      TEXT NOT NULL,
    content    TEXT NOT NULL,
    audience   TEXT NOT NULL,
    state      TEXT NOT NULL,
    cursor_at  BIGINT,
    created_at BIGINT NOT NULL,
    start_at   BIGINT,
    done_at    BIGINT
);

-- The audience, frozen before the first send; the delivery carries the state of the sending.
CREATE TABLE campaign_recipients (
    campaign TEXT NOT NULL,
    user_id  BIGINT NOT NULL,
    chat     BIGINT NOT NULL,
    delivery TEXT,
    PRIMARY KEY (campaign, user_id)
);
CREATE INDEX campaign_recipients_delivery ON campaign_recipients (delivery) WHERE delivery IS NOT NULL;

-- Moments that must happen. Retention 90 days.
CREATE TABLE occurrences (
    job          TEXT NOT NULL,
    scheduled_at BIGINT NOT NULL,
    state        TEXT NOT NULL,
    epoch        BIGINT NOT NULL DEFAULT 0,
    owner        TEXT,
    started_at   BIGINT,
    done_at      BIGINT,
    note         TEXT,
    PRIMARY KEY (job, scheduled_at)
);
CREATE INDEX occurrences_due ON occurrences (scheduled_at) WHERE state = 'waiting';

-- ---------------------------------------------------------------------------------------------------
-- Operators, and the fast filter when there is no Redis
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE audit (
    id     TEXT NOT NULL PRIMARY KEY,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT,
    at     BIGINT NOT NULL
);
CREATE INDEX audit_age ON audit (at);

-- Faults that were told to operators: one row per fault, told again when it is over.
CREATE TABLE alerts (
    name     TEXT NOT NULL PRIMARY KEY,
    detail   TEXT NOT NULL,
    times    BIGINT NOT NULL DEFAULT 1,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    told_at  BIGINT,
    over_at  BIGINT
);

-- Readings that were recorded before. May be emptied at any time: costs work, never a message.
CREATE TABLE seen (
    source      TEXT NOT NULL,
    ext_id      TEXT NOT NULL,
    fingerprint BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    PRIMARY KEY (source, ext_id)
);
CREATE INDEX seen_age ON seen (seen_at);
