"""Settings of the property tests: no deadline (other programs may be busy), few enough examples to stay quick."""

from hypothesis import settings

settings.register_profile("judge", deadline=None, max_examples=60)
settings.load_profile("judge")
