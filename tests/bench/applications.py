"""Databases with the tables and the kinds of columns that applications have; a few rows of each are orphans."""

from __future__ import annotations

import sqlite3

from bench.building import PAD, fill, guid, some

WHEN = "datetime(1400000000 + i * 37, 'unixepoch')"
"""A moment as most programs write it."""


def key(parents: int, seed: int, salt: int, gone: int = 0, chosen: str = "") -> str:
    """SQL for the id of a parent chosen as if by chance, or one above ``chosen``; of a few rows, one that is not there.

    Of every ``gone`` ids one is missing, see `there`; the child of such a parent goes to the next one.
    """
    chosen = f"{chosen or some(parents, seed, salt)} + 1"
    if gone:
        chosen = f"(SELECT k + (k % {gone} = 7) FROM (SELECT {chosen} AS k))"
    return f"CASE WHEN i % 50021 = {salt} THEN {parents} + 1 + i ELSE {chosen} END"


def there(gone: int) -> str:
    """True of those ``i`` that are not missing."""
    return f"i % {gone} <> 7" if gone else "1"


def index(connection: sqlite3.Connection, table: str, *columns: str) -> None:
    """An index over each of some columns."""
    for column in columns:
        connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")


def forum(connection: sqlite3.Connection, keys: int, seed: int, indexed: bool = False, holes: bool = False) -> None:
    """Users, posts, comments, and links of posts and tags, of which nothing says that a pair is unique."""
    users, posts, comments, links, tags = keys // 40, keys // 8, keys * 3 // 16, keys * 3 // 16, max(keys // 1600, 20)
    no_user, no_post = (20, 50) if holes else (0, 0)
    connection.execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT, created_at TEXT NOT NULL,"
        " reputation INTEGER NOT NULL DEFAULT 0)"
    )
    connection.execute("CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
    connection.execute(
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), editor_id INTEGER"
        " REFERENCES users (id), title VARCHAR(200) NOT NULL, body TEXT, created_at DATETIME NOT NULL, score INTEGER)"
    )
    connection.execute(
        "CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE"
        " CASCADE, user_id INTEGER REFERENCES users (id), body TEXT NOT NULL, created_at DATETIME NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE post_tags (id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts (id),"
        " tag_id INTEGER NOT NULL REFERENCES tags (id))"
    )
    fill(
        connection, "users", users + 1,
        f"i, 'user' || i, 'user' || i || '@example.org', {WHEN}, {some(9000, seed, 9)}", there(no_user),
    )  # fmt: skip
    fill(connection, "tags", tags, "i, 'tag' || i")
    body = PAD * 2
    author, editor = key(users, seed, 1, no_user), key(users, seed, 2, no_user)
    fill(
        connection, "posts", posts + 1,
        f"i, {author}, {editor}, 'How does one do thing {seed} number ' || i, '{body}', {WHEN}, {some(50, seed, 3)}",
        there(no_post),
    )  # fmt: skip
    post, user = key(posts, seed, 4, no_post), key(users, seed, 5, no_user)
    fill(connection, "comments", comments, f"i, {post}, {user}, '{body}', {WHEN}")
    post, tag = (
        key(posts, seed, 6, no_post, f"(i * 48271 + {seed}) % {posts}"),
        f"i * 48271 % {posts} * 7919 + i / {posts}",
    )
    tag = key(tags, seed, 7, chosen=f"({tag}) % {tags}")  # no post has a tag twice
    fill(connection, "post_tags", links, f"i, {post}, {tag}")
    if indexed:
        index(connection, "posts", "user_id", "editor_id")
        index(connection, "comments", "post_id", "user_id")
        index(connection, "post_tags", "post_id", "tag_id")


def guids(connection: sqlite3.Connection, keys: int, seed: int, indexed: bool = False) -> None:
    """Text keys of 32 digits; every 5,003rd child has one that is not there."""
    parents = max(keys // 5, 1)
    connection.execute("CREATE TABLE account (id CHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL)")
    connection.execute(
        "CREATE TABLE entry (id CHAR(32) NOT NULL PRIMARY KEY, account_id CHAR(32) NOT NULL REFERENCES account (id),"
        " note TEXT)"
    )
    fill(connection, "account", parents, f"replace({guid('i')}, '-', ''), '{PAD}'")
    number = f"CASE WHEN i % 5003 = 1 THEN {parents} + i ELSE {some(parents, seed, 1)} + 1 END"
    fill(
        connection, "entry", keys,
        f"replace({guid(f'i + {keys}')}, '-', ''), replace({guid(number)}, '-', ''), '{PAD[:40]}'",
    )  # fmt: skip
    if indexed:
        index(connection, "entry", "account_id")


def django(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """Tables as Django makes them: JSON, DATETIME, DECIMAL, BOOLEAN and VARCHAR columns, and CHECKs."""
    users, kinds = max(keys // 40, 1), 500
    connection.execute(
        'CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL,'
        ' "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE,'
        ' "email" varchar(254) NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL)'
    )
    connection.execute(
        'CREATE TABLE "shop_kind" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(50) NOT NULL)'
    )
    connection.execute(
        'CREATE TABLE "shop_order" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "number" varchar(20) NOT NULL'
        ' UNIQUE, "data" text NOT NULL CHECK ((JSON_VALID("data") OR "data" IS NULL)), "created" datetime NOT NULL,'
        ' "due" date NULL, "price" decimal NOT NULL, "is_paid" bool NOT NULL, "quantity" integer unsigned NOT NULL'
        ' CHECK ("quantity" >= 0), "status" varchar(10) NOT NULL, "user_id" integer NOT NULL REFERENCES "auth_user"'
        ' ("id") DEFERRABLE INITIALLY DEFERRED, "kind_id" integer NULL REFERENCES "shop_kind" ("id") DEFERRABLE'
        " INITIALLY DEFERRED)"
    )
    fill(
        connection, "auth_user", users,
        f"i, 'pbkdf2_sha256$600000${PAD}', {WHEN} || '.123456', i % 97 = 0, 'user' || i, 'user' || i || '@example.org',"
        f" i % 11 <> 0, {WHEN} || '.123456'",
    )  # fmt: skip
    fill(connection, "shop_kind", kinds, "i, 'kind ' || i")
    fill(
        connection, "shop_order", keys // 2,
        "i, printf('A-%09d', i), '{\"gift\": ' || iif(i % 3, 'true', 'false') || ', \"weight\": ' || (i % 900) || '}',"
        f" {WHEN} || '.123456', CASE WHEN i % 4 THEN date({WHEN}) END, (i * 37 % 100000) / 100.0, i % 5 <> 0, i % 7,"
        f" CASE i % 3 WHEN 0 THEN 'new' WHEN 1 THEN 'sent' ELSE 'returned' END, {key(users, seed, 1)},"
        f" {key(kinds, seed, 2)}",
    )  # fmt: skip
    index(connection, "shop_order", "user_id", "kind_id")


def media(connection: sqlite3.Connection, keys: int, seed: int) -> None:
    """A media server's items: GUIDs as text, of 40 columns five refer to other items, and a table of links."""
    items, artists = max(keys // 8, 10), max(keys // 80, 1)
    flags = ", ".join(f'"Is{number}" INTEGER NOT NULL' for number in range(10))
    texts = ", ".join(f'"Text{number}" TEXT NULL' for number in range(13))
    numbers = ", ".join(f'"Number{number}" INTEGER NULL' for number in range(6))
    links = ("ParentId", "SeriesId", "SeasonId", "OwnerId", "TopParentId")
    references = ", ".join(f'"{name}" TEXT NULL REFERENCES "BaseItems" ("Id")' for name in links)
    connection.execute(
        f'CREATE TABLE "BaseItems" ("Id" TEXT NOT NULL CONSTRAINT "PK_BaseItems" PRIMARY KEY, {references}, "Name"'
        f' TEXT NULL, "DateCreated" TEXT NULL, "DateModified" TEXT NULL, "PremiereDate" TEXT NULL, "CommunityRating"'
        f" REAL NULL, {flags}, {texts}, {numbers})"
    )
    connection.execute('CREATE TABLE "Artists" ("Id" TEXT NOT NULL CONSTRAINT "PK_Artists" PRIMARY KEY, "Name" TEXT)')
    connection.execute(
        'CREATE TABLE "ArtistItems" ("ArtistId" TEXT NOT NULL, "ItemId" TEXT NOT NULL, "Role" TEXT NULL,'
        ' CONSTRAINT "PK_ArtistItems" PRIMARY KEY ("ArtistId", "ItemId"), CONSTRAINT "FK_Artist" FOREIGN KEY'
        ' ("ArtistId") REFERENCES "Artists" ("Id") ON DELETE CASCADE, CONSTRAINT "FK_Item" FOREIGN KEY ("ItemId")'
        ' REFERENCES "BaseItems" ("Id") ON DELETE CASCADE)'
    )
    fill(connection, '"Artists"', artists, f"upper({guid(f'i + {items}')}), 'Artist ' || i")
    libraries, series = max(items // 10_000, 2), max(items // 50, 4)
    seasons = series * 5
    # in the order in which they were added: the series of a library, their seasons, and the episodes of these
    of_series, of_season = (
        f"{libraries} + i % ({series} - {libraries}) + 1",
        f"{series} + i % ({seasons} - {series}) + 1",
    )
    parent = (
        f"CASE WHEN i <= {libraries} THEN NULL WHEN i <= {series} THEN i % {libraries} + 1 WHEN i <= {seasons} THEN"
    )
    parent += f" {of_series} ELSE {of_season} END"
    ids = (
        f"CASE WHEN i % 5003 = 2000 THEN {items} * 3 + i ELSE {parent} END",
        f"CASE WHEN i > {seasons} THEN {of_series} END",
        f"CASE WHEN i > {seasons} THEN {of_season} END",
        f"CASE WHEN i % 40 = 0 THEN {some(items, seed, 4)} + 1 END",
        f"CASE WHEN i > {libraries} THEN i % {libraries} + 1 END",
    )
    written = [f"CASE WHEN ({one}) THEN upper({guid(f'({one})')}) END" for one in ids]
    dates = f"{WHEN} || '.1234567', {WHEN} || '.1234567', CASE WHEN i % 3 THEN {WHEN} || '.0000000' END"
    fill(
        connection, '"BaseItems"', items,
        f"upper({guid('i')}), {', '.join(written)}, 'Item ' || i, {dates}, i % 100 / 10.0,"
        f" {', '.join(f'i % {n + 2} = 0' for n in range(10))}, {', '.join(['NULL', chr(39) + PAD[:20] + chr(39)] * 6)},"
        f" '/media/' || i || '.mkv', {', '.join(f'i * {n} % 1000' for n in range(6))}",
    )  # fmt: skip
    artist = guid(f"{items} + 1 + i % {artists}")
    fill(
        connection, '"ArtistItems"', keys * 5 // 32,
        f"upper({artist}), upper({guid(f'(i / {artists} * 31 + i) % {items} + 1')}), 'Actor'",
    )  # fmt: skip
    index(connection, '"BaseItems"'.strip('"'), *links)
    index(connection, "ArtistItems", "ItemId")


def links(connection: sqlite3.Connection, keys: int, seed: int, unique: bool = True) -> None:
    """Songs of playlists, and of a tenth the size, without rowid, favourites of listeners; no pair is there twice."""
    songs, lists = max(keys // 20, 100), max(keys // 100, 1)
    connection.execute("CREATE TABLE song (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("CREATE TABLE playlist (id INTEGER PRIMARY KEY, name TEXT)")
    pair = ", UNIQUE (playlist_id, song_id)" if unique else ""
    connection.execute(
        "CREATE TABLE playlist_song (playlist_id INTEGER NOT NULL REFERENCES playlist (id),"
        f" song_id INTEGER NOT NULL REFERENCES song (id){pair})"
    )
    connection.execute(
        "CREATE TABLE favourite (playlist_id INTEGER REFERENCES playlist (id), song_id INTEGER REFERENCES song (id),"
        " PRIMARY KEY (playlist_id, song_id)) WITHOUT ROWID"
    )
    fill(connection, "song", songs, f"i, '{PAD}'")
    fill(connection, "playlist", lists, f"i, '{PAD}'")
    other = f"(i / {lists} + (i % {lists} + {seed}) * 7919) % {songs} + 1"  # no song twice in a list
    song = f"CASE WHEN i % 5003 = 1 THEN {songs} + i ELSE {other} END"
    fill(connection, "playlist_song", keys * 10 // 22, f"i % {lists} + 1, {song}")
    fill(connection, "favourite", keys // 22, f"i % {lists} + 1, {song}")
