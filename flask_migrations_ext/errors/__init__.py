"""Every error of the package, as one tree; each class keeps its data.

::

    MigrationError
    ├── RevisionError
    │   ├── UnresolvedTarget
    │   │   ├── RevisionNotFound
    │   │   ├── AmbiguousRevision
    │   │   └── InvalidTarget
    │   ├── DuplicateRevision
    │   ├── DuplicateLabel
    │   ├── CyclicRevisions
    │   ├── IllegalRevisionId
    │   ├── MultipleHeads
    │   ├── NotAnAncestor
    │   ├── CannotRebase
    │   └── HeadFileDiffers
    ├── ScriptError
    │   ├── FolderMissing
    │   ├── NotAMigrationsFolder
    │   ├── FileExists
    │   ├── CannotRead
    │   ├── CannotWrite
    │   ├── UnreadableScript
    │   │   └── ComputedHeader
    │   ├── UnusableScript
    │   ├── TemplateFailed
    │   ├── HookFailed
    │   ├── CannotAmend
    │   ├── CannotAdopt
    │   ├── ChangedSince
    │   └── NothingToUndo
    ├── ConfigurationError
    │   ├── NoSQLAlchemy
    │   ├── NoMetadata
    │   ├── UnknownBind
    │   ├── NoModels
    │   ├── ModelsLeftOut
    │   ├── UnknownOption
    │   ├── Undecided
    │   ├── UnusableAnswer
    │   └── UnsupportedDatabase
    ├── DatabaseError
    │   ├── CannotConnect
    │   ├── NoScratchDatabase
    │   ├── CannotRedirect
    │   ├── NotScratch
    │   ├── CannotReplay
    │   ├── NoRevisionMatches
    │   ├── DatabaseLocked
    │   ├── StatementFailed
    │   ├── UnknownDatabaseRevision
    │   ├── BehindHead
    │   ├── NotAtHead
    │   ├── StillPending
    │   ├── DifferencesFound
    │   ├── ConcurrentChange
    │   ├── Protected
    │   ├── HalfApplied
    │   ├── CannotNote
    │   ├── RevisionEdited
    │   ├── NothingInDoubt
    │   ├── UndoneByHand
    │   ├── InDoubt
    │   ├── LockTaken
    │   ├── CannotLock
    │   ├── LockLost
    │   ├── RolledBack
    │   └── StepFailed
    └── OperationError
        ├── NoRunningMigration
        ├── UnknownFunction
        ├── InvalidArgument
        ├── UnsupportedExpression
        ├── Irreversible
        ├── UnsupportedOperation
        │   ├── TableMissing
        │   └── NameTaken
        ├── NeedsDatabase
        ├── DataAtRisk
        ├── NotInTable
        └── UnreadableDefinition

A message says what happened, where, and what to do next. It never holds a
password: URLs are rendered with theirs hidden before they get here.
"""

from __future__ import annotations

from .base import *  # noqa: F403 - a new error is declared in one place, not in two
from .configuration import *  # noqa: F403
from .databases import *  # noqa: F403
from .half_applied import *  # noqa: F403
from .operations import *  # noqa: F403
from .revisions import *  # noqa: F403
from .scripts import *  # noqa: F403
