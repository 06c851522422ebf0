"""What a program calls: open a file, and scan, plan, explain, repair and undo it, with values in and values out.

Nothing here prints or asks. What cannot be done is a `SqlfixError`. Progress is told to a function that is given; one
that raises, given to `open_database` or in a `Watcher`, stops the work. docs/api.md shows how it is used.
"""

from sqlfix.errors import SqlfixError as SqlfixError
from sqlfix.explain.errors.causes import explain_error as explain_error
from sqlfix.explain.row import explain_row as explain_row
from sqlfix.explain.table import explain_table as explain_table
from sqlfix.model.plans import Choice as Choice
from sqlfix.model.plans import Plan as Plan
from sqlfix.model.plans import SchemaPlan as SchemaPlan
from sqlfix.plan.alter import plan_alteration
from sqlfix.plan.alter_wish import Wish
from sqlfix.plan.backfill import backfill as backfill
from sqlfix.plan.backfill_wish import Backfill as Backfill
from sqlfix.plan.merging import empty as empty
from sqlfix.plan.merging import merge as merge
from sqlfix.plan.policy import Policy as Policy
from sqlfix.plan.scanning import Asked as Asked
from sqlfix.plan.scanning import Scan as Scan
from sqlfix.plan.scanning import scan as scan
from sqlfix.plan.schema_repairing import Wanted, plan_schema_repair
from sqlfix.plan.stages import make_plan as make_plan
from sqlfix.plan.unparking import unpark as unpark
from sqlfix.prose.format import Answer as Answer
from sqlfix.prose.format import Script as Script
from sqlfix.prose.format import View as View
from sqlfix.prose.format import written as written
from sqlfix.repair.change import ChangeOptions as ChangeOptions
from sqlfix.repair.change import Watcher as Watcher
from sqlfix.repair.comparison import compare as compare
from sqlfix.repair.dropped import change_with_export
from sqlfix.repair.record import records_beside as records_beside
from sqlfix.repair.run import repair as repair
from sqlfix.repair.undo import choose as choose
from sqlfix.repair.undo import look as look
from sqlfix.repair.undo import undo as undo
from sqlfix.scan.scope import Scope as Scope
from sqlfix.schema.database import Database as Database
from sqlfix.schema.database import open_database as open_database

alter, Alteration = plan_alteration, Wish
repair_schema, SchemaRepair, change_schema = plan_schema_repair, Wanted, change_with_export
