"""What is said to people, in English and Chinese: one sentence per code, in `en.toml`, `zh.toml`.

`[refused]`: answers of the business; `[fault]`: what went wrong in the house; `[field]`: what is
wrong with a field of a request, by pydantic's name for it; `[title]`: HTTP statuses. A sentence
may name parameters of its code in braces.
"""

from infra.messages.catalogue import LANGUAGES, Language, chosen, field_sentence, sentence, title

__all__ = ["LANGUAGES", "Language", "chosen", "field_sentence", "sentence", "title"]
