"""The invariants: each a rule that sees every write and every turn of the cloud, and knows the
models only. What it says ends the story."""

from tests.simulation.rules import (
    budget,
    claims,
    endings,
    order,
    ownership,
    people,
    registrations,
    restraints,
    stops,
    writes,
)
from tests.simulation.rules.base import Rule

RULES: tuple[type[Rule], ...] = (
    ownership.OneLiveInstancePerIdentity,
    ownership.OneValueIsGeneratedOnce,
    ownership.OnlyWhatIsOursIsTouched,
    ownership.NothingIsDestroyedUnasked,
    ownership.WhatIsWithoutADocumentIsLeftAlone,
    ownership.AnInvalidDocumentChangesNothing,
    ownership.NoSecretIsTold,
    claims.TheFirstWhoNamesItHasIt,
    budget.BudgetIsKept,
    stops.StopsKeepThePace,
    writes.OnlyTheLeaderWrites,
    writes.AnIntentComesFirst,
    writes.NoStepRestsOnAnOldObservation,
    writes.AnAnsweredWriteIsNotRepeated,
    writes.OnlySafeWritesReachFleet,
    writes.WorkIsBounded,
    writes.NoStatusSaysTheSameAgain,
    registrations.RegistrationsAreTrue,
    registrations.TheDeadLeaveTheList,
    registrations.TheFirstNodeStartsAlone,
    people.MuchGoesOnlyWhenApproved,
    people.WhatIsPausedIsLeftAlone,
    people.ARewoundHomeIsAcknowledgedFirst,
    restraints.WhatIsProtectedStays,
    restraints.NothingGoesWhileTheWindowIsShut,
    restraints.WhatIsOnlyObservedIsLeftAlone,
    restraints.WhoAsksIsAnswered,
    order.WhatItNeedsComesFirst,
    order.WhatOthersNeedGoesLast,
    endings.NothingIsLeftOfWhatIsDeleted,
)
