-- An FTS4 index of the text in another table is damaged inside: every search and every change of a title fails with
-- "database disk image is malformed", and PRAGMA integrity_check says ok.
-- Expected: fts-out-of-step, the index is damaged, an error. The library's titles are sound. Nothing is repaired; the
-- hint is the rebuild.
-- needs: fts4
-- search: out of step
CREATE TABLE media_items (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, original_title TEXT, library_id INTEGER REFERENCES libraries(id));
CREATE TABLE libraries (id INTEGER PRIMARY KEY, name TEXT);
CREATE VIRTUAL TABLE fts4_titles USING fts4(content='media_items', title, original_title);
CREATE TRIGGER fts4_titles_bu BEFORE UPDATE ON media_items BEGIN DELETE FROM fts4_titles WHERE docid=old.rowid; END;
CREATE TRIGGER fts4_titles_bd BEFORE DELETE ON media_items BEGIN DELETE FROM fts4_titles WHERE docid=old.rowid; END;
CREATE TRIGGER fts4_titles_au AFTER UPDATE ON media_items BEGIN INSERT INTO fts4_titles(docid,title,original_title) VALUES(new.rowid,new.title,new.original_title); END;
CREATE TRIGGER fts4_titles_ai AFTER INSERT ON media_items BEGIN INSERT INTO fts4_titles(docid,title,original_title) VALUES(new.rowid,new.title,new.original_title); END;
INSERT INTO libraries VALUES(1,'films');
WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<200) INSERT INTO media_items SELECT x,'title '||x||' word'||(x%17),'orig '||x,1 FROM c;
UPDATE fts4_titles_segments SET block=x'00ffffffffffffffffff' WHERE blockid IN (SELECT blockid FROM fts4_titles_segments LIMIT 2);
