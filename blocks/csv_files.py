"""Files of bars, for people who have data of their own."""

from pathlib import Path

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, field_validator

from flows.core.connections import CsvConnection
from flows.core.faults import RawBar
from flows.core.stamps import is_zone


class CsvFiles(Block):
    """CSV files of bars, one a symbol and interval, in a folder or behind an address.

    Example:
        Load a stored block:
        ```python
        from blocks import CsvFiles
        files = CsvFiles.load("BLOCK_NAME")
        connection = files.connection()
        ```
    """

    # What was refused may be a secret in the wrong place.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "CSV Files"
    _block_type_slug = "csv-files"
    _documentation_url = HttpUrl("https://docs.python.org/3/library/csv.html")
    _description = "CSV files of bars, one a symbol and interval, in a folder or behind an address."

    location: str = Field(
        min_length=1,
        description="A folder with IBM.csv (daily bars) or IBM-weekly.csv and the like, or a path or address with "
        "{symbol} and {interval} in it.",
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Which column holds the time, open, high, low, close or volume, where it is called otherwise: "
        '{"close": "Adj Close"}.',
    )
    delimiter: str = Field(
        default=",", min_length=1, max_length=1, description="What stands between two cells of a row."
    )
    timezone: str = Field(
        default="",
        title="Time zone",
        description="The zone of times without an offset, such as Europe/London; empty for the exchange's own.",
    )
    daily_requests: int | None = Field(
        default=None, ge=1, title="Requests a day", description="How often a server may be asked; empty for no limit."
    )
    requests_per_second: float | None = Field(
        default=None,
        gt=0,
        title="Requests a second",
        description="How fast a server may be asked; empty for no limit.",
    )
    connect_timeout: float = Field(
        default=10.0, gt=0, title="Connect timeout", description="Seconds to wait for a connection."
    )
    read_timeout: float = Field(
        default=30.0, gt=0, title="Read timeout", description="Seconds to wait for the whole file."
    )

    @field_validator("location")
    @classmethod
    def _place(cls, value: str) -> str:
        """Make a folder's path absolute, and refuse an address with a password: the place is shown in reports."""
        if "://" not in value:
            return str(Path(value).expanduser().resolve())
        url = HttpUrl(value)
        if url.username or url.password:
            raise ValueError("the address may hold no user name or password")
        return value

    @field_validator("delimiter")
    @classmethod
    def _sign(cls, value: str) -> str:
        """Refuse a sign that a CSV file needs for something else."""
        if value in '"\r\n':
            raise ValueError("a quotation mark or the end of a line stands between no cells")
        return value

    @field_validator("columns")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        """Refuse to name a column that no bar has."""
        strange = sorted(set(value) - set(RawBar._fields))
        if strange:
            raise ValueError(f"a bar has no {', '.join(strange)}; it has {', '.join(RawBar._fields)}")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        """Refuse a time zone that nobody knows."""
        if value and not is_zone(value):
            raise ValueError(f"{value[:60]!r} is no time zone, such as Europe/London")
        return value

    def connection(self) -> CsvConnection:
        """Return the plain configuration that the source takes."""
        return CsvConnection(
            location=self.location,
            columns=dict(self.columns),
            delimiter=self.delimiter,
            zone=self.timezone,
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            daily_requests=self.daily_requests,
            requests_per_second=self.requests_per_second,
        )
