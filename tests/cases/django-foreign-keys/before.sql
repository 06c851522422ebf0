-- Django's own tables: no ON DELETE is ever written, keys are deferred; one key may be NULL and one may not.
-- Expected: book 2 loses its editor (NULL), book 3 is deleted because its author is NOT NULL. django_migrations stays.
CREATE TABLE "django_migrations" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL,
  "applied" datetime NOT NULL
);
CREATE TABLE "lib_person" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(50) NOT NULL);
CREATE TABLE "lib_book" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(50) NOT NULL,
  "author_id" bigint NOT NULL REFERENCES "lib_person" ("id") DEFERRABLE INITIALLY DEFERRED,
  "editor_id" bigint NULL REFERENCES "lib_person" ("id") DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX "lib_book_author_id_3a1c5e7f" ON "lib_book" ("author_id");
CREATE INDEX "lib_book_editor_id_0b2d4f6a" ON "lib_book" ("editor_id");
INSERT INTO django_migrations VALUES (1, 'lib', '0001_initial', '2024-01-01 10:00:00');
INSERT INTO lib_person VALUES (1, 'Ann'), (2, 'Ben');
INSERT INTO lib_book VALUES (1, 'one', 1, 2), (2, 'two', 1, 5), (3, 'three', 6, 2);
