-- A migration renamed tables and left the references of others behind; another died half way and left the parent whole
-- under its working name; a third parent is gone without a trace, and its child is empty.
-- Expected: missing-parent-table three times: auth_user may have been meant for auth_user__old, new__shop for shop, and
-- nothing is known of ghosts; new__shop is what an unfinished migration left. No row is an orphan, none is checked or
-- touched; exit code 1.
CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(50) NOT NULL);
CREATE TABLE new__shop (id integer NOT NULL PRIMARY KEY AUTOINCREMENT);
CREATE TABLE admin_log (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES "auth_user__old" (id));
CREATE TABLE shelf (id integer PRIMARY KEY, shop_id integer NOT NULL REFERENCES shop (id));
CREATE TABLE hauntings (id integer PRIMARY KEY, ghost_id integer REFERENCES ghosts (id));
INSERT INTO auth_user VALUES (1, 'Ann');
INSERT INTO new__shop VALUES (1);
INSERT INTO admin_log VALUES (1, 1), (2, 9);
INSERT INTO shelf VALUES (1, 1);
