-- A CHECK as Django writes it for a JSONField, a computed column, an index, a partial index, a trigger and a view, all
-- of which call JSON functions: SQLite's own, and harmless.
--
-- Expected: item: 2 orphans, emptied; note: 1 orphan, deleted, which the trigger counts. Nothing is left.
PRAGMA foreign_keys = OFF;
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  p_id INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED,
  data TEXT NOT NULL CHECK ((JSON_VALID("data") OR "data" IS NULL)),
  kind TEXT AS (json_extract(data, '$.k')) STORED,
  size INTEGER DEFAULT (json_array_length('[1, 2]'))
);
CREATE INDEX item_k ON item (json_extract(data, '$.k'));
CREATE INDEX item_big ON item (p_id) WHERE json_extract(data, '$.k') > 1;
CREATE TABLE note (
  id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p (id), tags TEXT, CHECK (json_type(tags) = 'array')
);
CREATE TABLE gone (what TEXT);
CREATE TRIGGER note_gone AFTER DELETE ON note BEGIN
  INSERT INTO gone SELECT value FROM json_each(OLD.tags);
END;
CREATE VIEW kinds AS SELECT json_group_array(kind) FROM item;
INSERT INTO p VALUES (1);
INSERT INTO item (id, p_id, data) VALUES (1, 1, '{"k": 1}'), (2, 7, '{"k": 2}'), (3, 8, '{}');
INSERT INTO note VALUES (1, 1, '[]'), (2, 9, '["a", "b"]');
