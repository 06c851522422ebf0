-- "": 1 rows
INSERT INTO "" ("", group) VALUES (1, 1);
-- "it's \"here\"": 2 rows
INSERT INTO "it's ""here""" ("a b", "x'y") VALUES (1, 1);
INSERT INTO "it's ""here""" ("a b", "x'y") VALUES (2, NULL);
-- "line\nbreak; -- DROP": 2 rows
INSERT INTO "line
break; -- DROP" ("id]", "key
two") VALUES (1, 1);
INSERT INTO "line
break; -- DROP" ("id]", "key
two") VALUES (2, NULL);
-- "select": 2 rows
INSERT INTO select (from, where) VALUES (1, 1);
INSERT INTO select (from, where) VALUES (3, NULL);
-- "🐘": 2 rows
INSERT INTO "🐘" ("é", "%s") VALUES (1, NULL);
INSERT INTO "🐘" ("é", "%s") VALUES (2, NULL);
