-- Rails' has_and_belongs_to_many: two nullable columns and no key at all, the same link stored twice.
-- Expected: a join table; 3 link rows (assembly 9 twice, part 7 once) are deleted although their keys may be NULL; a
-- link of NULL and NULL promises nothing and stays.
CREATE TABLE assemblies (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL);
CREATE TABLE parts (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL);
CREATE TABLE assemblies_parts (
  assembly_id integer, part_id integer,
  CONSTRAINT fk_rails_1 FOREIGN KEY (assembly_id) REFERENCES assemblies (id),
  CONSTRAINT fk_rails_2 FOREIGN KEY (part_id) REFERENCES parts (id)
);
INSERT INTO assemblies VALUES (1), (2);
INSERT INTO parts VALUES (1), (2);
INSERT INTO assemblies_parts VALUES (1, 1), (9, 1), (9, 1), (2, 7), (NULL, NULL), (2, 2);
