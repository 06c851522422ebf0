-- The parent '07001' is named for the orphans of c, and there is a '7001' as well; the same is typed for a column of
-- numbers, and for one that takes what comes, whose parents are texts.
-- Expected: c.zip is the text '07001', d.zip the number 7001, e.zip the text '07001'.
-- options: --set c.zip=update:07001 --set d.zip=update:07001 --set e.zip=update:07001
CREATE TABLE zip(code TEXT PRIMARY KEY);
CREATE TABLE number(code INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, zip TEXT REFERENCES zip);
CREATE TABLE d(id INTEGER PRIMARY KEY, zip INT REFERENCES number);
CREATE TABLE e(id INTEGER PRIMARY KEY, zip REFERENCES zip);
INSERT INTO zip VALUES('07001'),('7001'),('1.10'),('1.1');
INSERT INTO number VALUES(7001);
INSERT INTO c VALUES(1,'gone'),(2,'7001');
INSERT INTO d VALUES(1,8),(2,7001);
INSERT INTO e VALUES(1,'gone'),(2,'7001');
