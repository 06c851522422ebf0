"""The schemas of the six kinds of databases, as their applications write them."""

DJANGO = """
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "username" varchar(150) NOT NULL UNIQUE,
  "email" varchar(254) NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL,
  "language" varchar(8) DEFAULT 'en' NOT NULL);
CREATE TABLE "auth_group" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(150) NOT NULL UNIQUE);
CREATE TABLE "auth_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
  "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX "auth_user_groups_uniq" ON "auth_user_groups" ("user_id", "group_id");
CREATE INDEX "auth_user_groups_group_id" ON "auth_user_groups" ("group_id");
CREATE TABLE "blog_category" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "slug" varchar(50) NOT NULL UNIQUE,
  "title" varchar(50) NOT NULL);
CREATE TABLE "blog_post" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL,
  "body" text NOT NULL, "status" varchar(10) NOT NULL, "created" datetime NOT NULL,
  "author_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
  "category_id" bigint NULL REFERENCES "blog_category" ("id") DEFERRABLE INITIALLY DEFERRED,
  "views" integer unsigned DEFAULT 0 NOT NULL CHECK ("views" >= 0));
CREATE INDEX "blog_post_author_id" ON "blog_post" ("author_id");
CREATE INDEX "blog_post_category_id" ON "blog_post" ("category_id");
CREATE TABLE "blog_tag" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(50) NOT NULL UNIQUE);
CREATE TABLE "blog_post_tags" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "post_id" bigint NOT NULL REFERENCES "blog_post" ("id") DEFERRABLE INITIALLY DEFERRED,
  "tag_id" bigint NOT NULL REFERENCES "blog_tag" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX "blog_post_tags_uniq" ON "blog_post_tags" ("post_id", "tag_id");
CREATE INDEX "blog_post_tags_tag_id" ON "blog_post_tags" ("tag_id");
CREATE TABLE "blog_comment" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "text" text NOT NULL,
  "post_id" bigint NOT NULL REFERENCES "blog_post" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" integer NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
  "parent_id" bigint NULL REFERENCES "blog_comment" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX "blog_comment_post_id" ON "blog_comment" ("post_id");
CREATE INDEX "blog_comment_parent_id" ON "blog_comment" ("parent_id");
CREATE TABLE "files_document" ("id" char(32) NOT NULL PRIMARY KEY, "name" varchar(200) NOT NULL,
  "owner_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "files_share" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "document_id" char(32) NOT NULL REFERENCES "files_document" ("id") DEFERRABLE INITIALLY DEFERRED,
  "note" varchar(200) NOT NULL);
CREATE INDEX "files_share_document_id" ON "files_share" ("document_id");
"""

RAILS = """
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "email" varchar NOT NULL, "name" varchar,
  "created_at" datetime(6) NOT NULL, "role" integer DEFAULT 0 NOT NULL);
CREATE UNIQUE INDEX "index_users_on_email" ON "users" ("email");
CREATE TABLE "topics" ("slug" varchar NOT NULL PRIMARY KEY, "name" varchar NOT NULL);
CREATE UNIQUE INDEX "index_topics_on_name" ON "topics" ("name");
CREATE TABLE "currencies" ("code" varchar(3) NOT NULL PRIMARY KEY, "name" varchar NOT NULL UNIQUE);
CREATE TABLE "articles" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "title" varchar NOT NULL,
  "user_id" integer NOT NULL, "editor_id" integer, "topic_slug" varchar, "created_at" datetime(6) NOT NULL,
  CONSTRAINT "fk_rails_3d31dad1cc" FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  CONSTRAINT "fk_rails_5e1f7a0c11" FOREIGN KEY ("editor_id") REFERENCES "users" ("id") ON DELETE SET NULL,
  CONSTRAINT "fk_rails_77bb21a0f2" FOREIGN KEY ("topic_slug") REFERENCES "topics" ("slug") ON DELETE SET NULL);
CREATE INDEX "index_articles_on_user_id" ON "articles" ("user_id");
CREATE TABLE "comments" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "body" text NOT NULL,
  "article_id" integer NOT NULL, "user_id" integer, "created_at" datetime(6) NOT NULL,
  CONSTRAINT "fk_rails_3bf61a60d3" FOREIGN KEY ("article_id") REFERENCES "articles" ("id") ON DELETE CASCADE,
  CONSTRAINT "fk_rails_03de2dc08c" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));
CREATE INDEX "index_comments_on_article_id" ON "comments" ("article_id");
CREATE TABLE "tags" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL UNIQUE);
CREATE TABLE "articles_tags" ("article_id" integer NOT NULL, "tag_id" integer NOT NULL,
  CONSTRAINT "fk_rails_aa11bb22cc" FOREIGN KEY ("article_id") REFERENCES "articles" ("id"),
  CONSTRAINT "fk_rails_dd33ee44ff" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id"));
CREATE UNIQUE INDEX "index_articles_tags" ON "articles_tags" ("article_id", "tag_id");
CREATE TABLE "orders" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "number" varchar NOT NULL,
  "user_id" integer NOT NULL, "currency_code" varchar(3) NOT NULL, "total" decimal(10,2) NOT NULL,
  CONSTRAINT "fk_rails_f868b47f6a" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE RESTRICT,
  CONSTRAINT "fk_rails_0f7e32a1b9" FOREIGN KEY ("currency_code") REFERENCES "currencies" ("code"));
CREATE UNIQUE INDEX "index_orders_on_number" ON "orders" ("number");
"""

MEDIA = """
CREATE TABLE "BaseItems" ("Id" TEXT NOT NULL CONSTRAINT "PK_BaseItems" PRIMARY KEY,
  "ParentId" TEXT NULL CONSTRAINT "FK_Parent" REFERENCES "BaseItems" ("Id"),
  "SeriesId" TEXT NULL REFERENCES "BaseItems" ("Id") ON DELETE SET NULL, "Name" TEXT NOT NULL,
  "DateCreated" TEXT NULL, "Locked" INTEGER NOT NULL DEFAULT 0);
CREATE INDEX "IX_BaseItems_ParentId" ON "BaseItems" ("ParentId");
CREATE TABLE "Artists" ("Id" TEXT NOT NULL CONSTRAINT "PK_Artists" PRIMARY KEY, "Name" TEXT NOT NULL UNIQUE);
CREATE TABLE "ArtistItems" ("ArtistId" TEXT NOT NULL, "ItemId" TEXT NOT NULL,
  CONSTRAINT "PK_ArtistItems" PRIMARY KEY ("ArtistId", "ItemId"),
  CONSTRAINT "FK_ArtistItems_Artists" FOREIGN KEY ("ArtistId") REFERENCES "Artists" ("Id") ON DELETE CASCADE,
  CONSTRAINT "FK_ArtistItems_Items" FOREIGN KEY ("ItemId") REFERENCES "BaseItems" ("Id") ON DELETE CASCADE);
CREATE INDEX "IX_ArtistItems_ItemId" ON "ArtistItems" ("ItemId");
CREATE TABLE "Users" ("Guid" BLOB NOT NULL PRIMARY KEY, "Name" TEXT NOT NULL UNIQUE, "Hidden" INTEGER NULL);
CREATE TABLE "UserData" ("Tag" TEXT NOT NULL, "UserGuid" BLOB NOT NULL REFERENCES "Users" ("Guid") ON DELETE CASCADE,
  "ItemId" TEXT NOT NULL REFERENCES "BaseItems" ("Id") ON DELETE CASCADE, "PlayCount" INTEGER NOT NULL,
  PRIMARY KEY ("UserGuid", "ItemId"));
CREATE TABLE "Streams" ("Tag" TEXT NOT NULL, "ItemId" TEXT NOT NULL, "StreamIndex" INTEGER NOT NULL, "Codec" TEXT,
  CONSTRAINT "PK_Streams" PRIMARY KEY ("ItemId", "StreamIndex"),
  CONSTRAINT "FK_Streams_Items" FOREIGN KEY ("ItemId") REFERENCES "BaseItems" ("Id") ON DELETE CASCADE);
CREATE TABLE "Playback" ("Id" INTEGER PRIMARY KEY, "Tag" TEXT NOT NULL,
  "UserGuid" BLOB NOT NULL REFERENCES "Users" ("Guid"), "ItemId" TEXT NULL REFERENCES "BaseItems" ("Id"),
  "At" TEXT NOT NULL);
"""

SHOP = """
CREATE TABLE vendor (code TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) WITHOUT ROWID;
CREATE TABLE product (vendor TEXT NOT NULL REFERENCES vendor (code), sku TEXT NOT NULL, title TEXT NOT NULL,
  price NUMERIC, state TEXT NOT NULL DEFAULT 'new', PRIMARY KEY (vendor, sku));
CREATE TABLE warehouse (code TEXT PRIMARY KEY, street TEXT NOT NULL);
CREATE TABLE customer (no TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, since TEXT, level INTEGER NOT NULL DEFAULT 0);
CREATE TABLE stock (tag TEXT NOT NULL, vendor TEXT NOT NULL, sku TEXT NOT NULL,
  place TEXT NOT NULL REFERENCES warehouse (code), amount INTEGER, PRIMARY KEY (vendor, sku, place),
  FOREIGN KEY (vendor, sku) REFERENCES product (vendor, sku) ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE "order" (no TEXT PRIMARY KEY, title TEXT NOT NULL, customer_no TEXT NOT NULL REFERENCES customer,
  pickup TEXT REFERENCES warehouse (code) ON DELETE SET NULL, placed TEXT);
CREATE INDEX order_customer ON "order" (customer_no);
CREATE TABLE order_line (tag TEXT NOT NULL, order_no TEXT NOT NULL REFERENCES "order" ON DELETE CASCADE,
  line INTEGER NOT NULL, vendor TEXT NOT NULL, sku TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (order_no, line), FOREIGN KEY (vendor, sku) REFERENCES product);
CREATE INDEX order_line_product ON order_line (vendor, sku);
CREATE TABLE related (vendor TEXT NOT NULL, sku TEXT NOT NULL, other_vendor TEXT NOT NULL, other_sku TEXT NOT NULL,
  PRIMARY KEY (vendor, sku, other_vendor, other_sku), FOREIGN KEY (vendor, sku) REFERENCES product ON DELETE CASCADE,
  FOREIGN KEY (other_vendor, other_sku) REFERENCES product ON DELETE CASCADE);
CREATE TABLE delivery (tag TEXT NOT NULL, order_no TEXT REFERENCES "order" ON DELETE SET NULL,
  place TEXT NOT NULL REFERENCES warehouse, boxes INTEGER);
"""

CSV = """
CREATE TABLE country (code TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, number INTEGER NOT NULL UNIQUE);
CREATE TABLE city (name TEXT PRIMARY KEY, country TEXT NOT NULL REFERENCES country (code), number INTEGER NOT NULL);
CREATE TABLE customer (no TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT NOT NULL REFERENCES city (name),
  country TEXT REFERENCES country (code), class TEXT DEFAULT 'A');
CREATE TABLE invoice (no TEXT PRIMARY KEY, title TEXT NOT NULL, customer_no TEXT NOT NULL REFERENCES customer (no),
  place TEXT REFERENCES city (name), amount TEXT);
CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL, invoice_no TEXT NOT NULL REFERENCES invoice (no),
  amount TEXT);
CREATE TABLE contact (name TEXT NOT NULL, customer_no TEXT REFERENCES customer (no), city REFERENCES city (name));
"""

TREES = """
CREATE TABLE category (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  parent_id INTEGER REFERENCES category (id) ON DELETE CASCADE);
CREATE INDEX category_parent ON category (parent_id);
CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL,
  category_id INTEGER NOT NULL REFERENCES category (id) ON DELETE CASCADE, rank INTEGER);
CREATE TABLE employee (no TEXT PRIMARY KEY, name TEXT NOT NULL, boss TEXT REFERENCES employee (no) ON DELETE SET NULL,
  active INTEGER NOT NULL DEFAULT 1);
CREATE TABLE folder (guid TEXT PRIMARY KEY, name TEXT NOT NULL,
  parent TEXT NOT NULL REFERENCES folder (guid) ON DELETE CASCADE);
CREATE INDEX folder_parent ON folder (parent);
CREATE TABLE file (id INTEGER PRIMARY KEY, name TEXT NOT NULL,
  folder TEXT NOT NULL REFERENCES folder (guid) ON DELETE CASCADE);
CREATE TABLE reachable (above INTEGER NOT NULL REFERENCES category (id),
  below INTEGER NOT NULL REFERENCES category (id), PRIMARY KEY (above, below)) WITHOUT ROWID;
"""
