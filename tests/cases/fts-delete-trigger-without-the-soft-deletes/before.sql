-- The trigger that fills a full-text index leaves out what is marked as deleted; the one that empties it does not know
-- of that, so that DELETE FROM atoms WHERE id = 4 fails with "database disk image is malformed".
-- Expected: the two atoms that are left out on purpose are not missing. fts-out-of-step for atoms_ad, 2 rows, an error,
-- with the condition that it lacks. Nothing is repaired.
-- needs: fts5
-- search: out of step
CREATE TABLE atoms (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, deleted_at TEXT);
CREATE VIRTUAL TABLE fts_atoms USING fts5(title, body, content='atoms', content_rowid='id');
CREATE TRIGGER atoms_ai AFTER INSERT ON atoms WHEN new.deleted_at IS NULL BEGIN INSERT INTO fts_atoms(rowid,title,body) VALUES(new.id,new.title,new.body); END;
CREATE TRIGGER atoms_ad AFTER DELETE ON atoms BEGIN INSERT INTO fts_atoms(fts_atoms,rowid,title,body) VALUES('delete',old.id,old.title,old.body); END;
INSERT INTO atoms VALUES(4,'delta','never indexed body','2026-02-02'),(5,'eps','five','2026-02-02');
