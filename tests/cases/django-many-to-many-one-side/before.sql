-- A Django join table; only links to one side are broken.
-- Expected: lib_book_tags is a join table. Link rows 2 and 4 (tags 8 and 9 are gone) are deleted; both books stay.
CREATE TABLE "lib_book" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(50) NOT NULL);
CREATE TABLE "lib_tag" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "word" varchar(50) NOT NULL);
CREATE TABLE "lib_book_tags" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "book_id" bigint NOT NULL REFERENCES "lib_book" ("id") DEFERRABLE INITIALLY DEFERRED,
  "tag_id" bigint NOT NULL REFERENCES "lib_tag" ("id") DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX "lib_book_tags_book_id_tag_id_9f8e7d6c_uniq" ON "lib_book_tags" ("book_id", "tag_id");
INSERT INTO lib_book VALUES (1, 'one'), (2, 'two');
INSERT INTO lib_tag VALUES (1, 'a'), (2, 'b');
INSERT INTO lib_book_tags VALUES (1, 1, 1), (2, 1, 8), (3, 2, 2), (4, 2, 9);
