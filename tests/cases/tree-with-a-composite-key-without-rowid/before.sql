-- A tree whose rows are known by two columns, in a WITHOUT ROWID table with a NOCASE column.
-- Expected: 1 orphan ('x', 'lost'). It goes with ('X', 'below'), which refers to it in another case: 2 rows. The roots,
-- which refer to themselves, and ('y', 'sound') stay.
CREATE TABLE nodes (
  site TEXT COLLATE NOCASE NOT NULL, name TEXT NOT NULL, up_site TEXT NOT NULL, up_name TEXT NOT NULL,
  PRIMARY KEY (site, name), FOREIGN KEY (up_site, up_name) REFERENCES nodes (site, name)
) WITHOUT ROWID;
INSERT INTO nodes VALUES
  ('x', 'root', 'x', 'root'), ('y', 'root', 'Y', 'root'), ('y', 'sound', 'y', 'root'),
  ('x', 'lost', 'z', 'gone'), ('X', 'below', 'X', 'lost');
