-- Watches that their owners share by a link. The token is random and stands in the link; a watch has one link at
-- most, and it ends with the watch or when its owner wants it.
CREATE TABLE shared_watches (
    token      TEXT NOT NULL PRIMARY KEY,
    watch      TEXT NOT NULL,
    user_id    BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX shared_watches_watch ON shared_watches (watch);
