-- Names with quotes, a space, a line break, a semicolon with a comment, a keyword, an emoji, and no character at all.
-- Expected: 1 orphan in each of five relationships: the keys of "select", of the table with the line break, of 🐘 and of
-- the one with quotes become NULL, the row of the table with the empty name is deleted.
CREATE TABLE "" ("" INTEGER PRIMARY KEY, "group" INTEGER NOT NULL REFERENCES "it's ""here""" ("a b"));
CREATE TABLE "it's ""here""" ("a b" INTEGER PRIMARY KEY, "x'y" INTEGER REFERENCES "line
break; -- DROP" ("id]"));
CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "where" INTEGER REFERENCES "" (""));
CREATE TABLE "line
break; -- DROP" ("id]" INTEGER PRIMARY KEY, "key
two" INTEGER REFERENCES "select" ("from"));
CREATE TABLE "🐘" ("é" INTEGER PRIMARY KEY, "%s" INTEGER REFERENCES "🐘" ("é"));
INSERT INTO "" VALUES (1, 1), (2, 9);
INSERT INTO "it's ""here""" VALUES (1, 1), (2, 9);
INSERT INTO "select" VALUES (1, 1), (3, 9);
INSERT INTO "line
break; -- DROP" VALUES (1, 1), (2, 9);
INSERT INTO "🐘" VALUES (1, NULL), (2, 9);
