-- There is a series 0, so a 0 is no placeholder here: it is an ordinary key.
-- Expected: nothing but the one orphan (7), which becomes NULL; the rows with 0 are sound.
CREATE TABLE series (id INTEGER PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, series_id INTEGER REFERENCES series (id));
INSERT INTO series VALUES (0), (1);
INSERT INTO items VALUES (1, 1), (2, 0), (3, 7), (4, 0);
