-- The scraping engine: learned roads, rhythm, hosts shared by several processes, module life, probes, log-ins.

-- `road`: what was learned about the ways to this source, as JSON. `rate`: what is known of how often it
-- changes, as JSON. `pace_ms`: the interval that tuning chose; null: the one that was asked for. `rhythm`: cron
-- expression, windows and jitter as JSON; null: a plain interval.
ALTER TABLE sources ADD COLUMN road TEXT;
ALTER TABLE sources ADD COLUMN rate TEXT;
ALTER TABLE sources ADD COLUMN pace_ms BIGINT;
ALTER TABLE sources ADD COLUMN rhythm TEXT;

-- Why this road was taken, in words for operators.
ALTER TABLE runs ADD COLUMN why TEXT NOT NULL DEFAULT '';

-- The two clocks of a host, shared by all processes: `next_at` is the agreed pace, `held_until` our reaction to
-- refusals (`refused` in a row; `why` in words). `queue_at`: the place behind the last one in the queue.
-- `answer_ms`, `usual_ms`: how long its answers take now and usually. `gap_ms`: the gap that was kept last.
-- `revision` rises with each change: two processes that reserve at once do not get the same slot.
CREATE TABLE host_pace (
    host       TEXT NOT NULL PRIMARY KEY,
    next_at    BIGINT NOT NULL,
    held_until BIGINT NOT NULL DEFAULT 0,
    queue_at   BIGINT NOT NULL DEFAULT 0,
    refused    BIGINT NOT NULL DEFAULT 0,
    answer_ms  BIGINT NOT NULL DEFAULT 0,
    usual_ms   BIGINT NOT NULL DEFAULT 0,
    gap_ms     BIGINT NOT NULL DEFAULT 0,
    why        TEXT NOT NULL DEFAULT '',
    revision   BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL
);
CREATE INDEX host_pace_age ON host_pace (updated_at);

-- When a listing's own page was last asked for: the re-probe of old ones takes the longest unasked first.
-- `missing`: how often in a row the site said that there is no such page.
ALTER TABLE listings ADD COLUMN probed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE listings ADD COLUMN missing BIGINT NOT NULL DEFAULT 0;

-- `revision` rises with each change: two processes that judge at once do not overwrite each other.
ALTER TABLE site_health ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE site_health ADD COLUMN data TEXT NOT NULL DEFAULT '{}';

-- Versions of field maps that did not come with the program: proposals and what became of them. At most one
-- version per site is active; none: the module of the program or of the folder of modules. `base` is the digest of
-- the text from which a version was derived: with another text in a new release it is left aside.
CREATE TABLE modules (
    site       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    toml       TEXT NOT NULL,
    base       TEXT NOT NULL,
    state      TEXT NOT NULL,
    origin     TEXT NOT NULL,
    report     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT,
    PRIMARY KEY (site, version)
);
CREATE UNIQUE INDEX modules_active ON modules (site) WHERE state = 'active';

-- Log-ins: `identity` names the proxy that goes with the cookies; `revision` as above.
ALTER TABLE sessions ADD COLUMN identity TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN last_error TEXT;

-- What is usual for a source, and the run that is held. `epoch` is that of the last run that counted.
CREATE TABLE source_health (
    source     TEXT NOT NULL PRIMARY KEY,
    epoch      BIGINT NOT NULL,
    profile    TEXT NOT NULL,
    held       TEXT,
    module     TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Class of a kept failure (the verdict or a sign), and bytes of its files.
ALTER TABLE failure_pages ADD COLUMN class TEXT NOT NULL DEFAULT '';
ALTER TABLE failure_pages ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
