-- At most one shift of a day may be without a worker. Emptying two keys of one day collides; one of another would not.
-- Expected: shifts: 2 orphans, left with SQLite's reason.
CREATE TABLE workers (id INTEGER PRIMARY KEY);
CREATE TABLE shifts (id INTEGER PRIMARY KEY, day TEXT NOT NULL, worker_id INTEGER REFERENCES workers (id));
CREATE UNIQUE INDEX one_open_shift ON shifts (day) WHERE worker_id IS NULL;
INSERT INTO workers VALUES (1);
INSERT INTO shifts VALUES (1, 'mon', 1), (2, 'mon', 8), (3, 'mon', 9);
