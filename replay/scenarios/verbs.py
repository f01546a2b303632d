"""Every verb of the scenario language: the keys it takes and what may be expected of it.

What is not in these tables is not in the language, and is an error of the file. `at`, `by`,
`channel` and `expect` belong to every step; `as` and `key` to the steps that record something.
"""

from collections.abc import Mapping

from replay.scenarios.council_verbs import ENFORCING_AND_DISPUTING, LOOKING
from replay.scenarios.household_verbs import APPLYING_AND_PAYING, SETTING_THE_SCENE, USING
from replay.scenarios.words import Verb

VERBS: Mapping[str, Verb] = {
    **SETTING_THE_SCENE,
    **APPLYING_AND_PAYING,
    **USING,
    **ENFORCING_AND_DISPUTING,
    **LOOKING,
}
