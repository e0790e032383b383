"""Write the published JSON Schemas anew: ``python -m flows.stream.schemas``."""

import json
from pathlib import Path

from flows.stream.records import SCHEMAS

for name, record in SCHEMAS.items():
    text = json.dumps(record.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
    (Path(__file__).parent / f"{name}.json").write_text(text, encoding="utf-8")
