-- SQLAlchemy's association table: the pair is its primary key.
-- Expected: a join table; the link (1, 5) is deleted.
CREATE TABLE "left" (id INTEGER NOT NULL, PRIMARY KEY (id));
CREATE TABLE "right" (id INTEGER NOT NULL, PRIMARY KEY (id));
CREATE TABLE association (
	left_id INTEGER NOT NULL,
	right_id INTEGER NOT NULL,
	PRIMARY KEY (left_id, right_id),
	FOREIGN KEY(left_id) REFERENCES "left" (id),
	FOREIGN KEY(right_id) REFERENCES "right" (id)
);
INSERT INTO "left" VALUES (1), (2);
INSERT INTO "right" VALUES (1), (2);
INSERT INTO association VALUES (1, 1), (1, 5), (2, 2);
