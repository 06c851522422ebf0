-- An R*Tree index that a trigger keeps in step.
-- needs: rtree
-- query: SELECT id FROM areas WHERE x1 > 0
-- Expected: 1 orphan, place 2, deleted; its area goes with it by the trigger.
CREATE TABLE towns (id INTEGER PRIMARY KEY);
CREATE TABLE places (id INTEGER PRIMARY KEY, town_id INTEGER NOT NULL REFERENCES towns (id));
CREATE VIRTUAL TABLE areas USING rtree (id, x0, x1);
CREATE TRIGGER places_ad AFTER DELETE ON places BEGIN DELETE FROM areas WHERE id = old.id; END;
INSERT INTO towns VALUES (1);
INSERT INTO places VALUES (1, 1), (2, 9);
INSERT INTO areas VALUES (1, 0.0, 1.0), (2, 2.0, 3.0);
