-- A Django join table with links broken on either side, one of them on both.
-- Expected: 2 orphans in each relationship; 3 link rows are deleted in all (2, 3, 4): row 4 is counted once, by the
-- first step. Link row 1 stays.
CREATE TABLE "lib_book" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(50) NOT NULL);
CREATE TABLE "lib_tag" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "word" varchar(50) NOT NULL);
CREATE TABLE "lib_book_tags" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "book_id" bigint NOT NULL REFERENCES "lib_book" ("id") DEFERRABLE INITIALLY DEFERRED,
  "tag_id" bigint NOT NULL REFERENCES "lib_tag" ("id") DEFERRABLE INITIALLY DEFERRED,
  UNIQUE ("book_id", "tag_id")
);
INSERT INTO lib_book VALUES (1, 'one');
INSERT INTO lib_tag VALUES (1, 'a');
INSERT INTO lib_book_tags VALUES (1, 1, 1), (2, 1, 8), (3, 7, 1), (4, 7, 8);
