"""`almanac init`: what is drafted from one's own files loads; files that cannot be drafted are named in one line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pipelines.contracts.errors import ContractError
from pipelines.contracts.odcs import load_source_contract
from pipelines.onboarding import Onboarded, onboard, table_name
from pipelines.settings.environment import PROJECT_ROOT
from pipelines.settings.errors import SettingsError
from pipelines.settings.shop import load_shop

pytestmark = pytest.mark.slow

EXAMPLES = PROJECT_ROOT / "examples" / "online_retail"


def start(folder: Path, *files: Path, name: str = "mine", **overrides: str) -> Onboarded:
    wanted = {"time_zone": "Europe/London", "currency": "GBP", **overrides}
    return onboard(name, files, shops_dir=folder / "shops", sources_dir=folder / "sources", **wanted)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def drafted(folder: Path, content: str) -> dict[str, tuple[str, bool, str]]:
    """(type, required, class) per column of the contract that is drafted from a file."""
    start(folder, written(folder, "things.csv", content))
    contract = load_source_contract(folder / "sources" / "mine" / "things.odcs.yaml")
    return {column.name: (column.sql_type, column.required, column.personal_data) for column in contract.columns}


def test_the_draft_of_real_days_loads_and_keeps_every_row(tmp_path: Path) -> None:
    done = start(tmp_path, *(EXAMPLES / f"2010-12-0{day}.csv.gz" for day in (1, 2, 3)))
    contract = load_source_contract(tmp_path / "sources" / "mine" / "online_retail.odcs.yaml")
    shop = load_shop(tmp_path / "shops" / "mine.yaml")
    assert (shop.first_day.isoformat(), shop.currency, list(shop.sources["mine"])) == (
        "2010-12-01",
        "GBP",
        ["online_retail"],
    )
    types = {column.name: column.sql_type for column in contract.columns}
    assert types["Quantity"] == "INTEGER" and types["UnitPrice"] == "DECIMAL(18,2)"
    assert (types["InvoiceDate"], contract.event_timestamp) == ("TIMESTAMP", "InvoiceDate")
    assert contract.row_key == ("InvoiceNo", "_row_hash", "_occurrence")
    assert contract.control_total is None
    assert contract.column("CustomerID").personal_data == "pseudonym"
    assert not contract.column("CustomerID").required and contract.column("Country").required
    assert all("DRAFT: check" in column.description for column in contract.columns)
    assert not [note for note in done.notes if "set apart" in note]  # the gate accepts every row that was read


def test_types_are_the_narrowest_that_the_gate_accepts(tmp_path: Path) -> None:
    found = drafted(
        tmp_path,
        "small,large,huge,price,rate,flag,padded,plus,day,local,instant,american,empty\n"
        "1,3000000000,12345678901234567890,1.5,1e5,true,0012,+1,2024-02-29,2024-01-01 00:00:00,"
        "2024-01-01T00:00:00Z,1/2/2024,\n"
        "-7,1,2,2.125,2,false,0013,2,2024-03-01,2024-01-02 00:00:00,2024-01-01T00:00:00+08:00,12/31/2024,\n",
    )
    assert {name: kind for name, (kind, _, _) in found.items()} == {
        "small": "INTEGER",
        "large": "BIGINT",
        "huge": "DECIMAL(38,0)",
        "price": "DECIMAL(18,3)",
        "rate": "DOUBLE",
        "flag": "BOOLEAN",
        "padded": "VARCHAR",  # a leading zero would be lost
        "plus": "VARCHAR",
        "day": "DATE",
        "local": "TIMESTAMP",
        "instant": "TIMESTAMP",
        "american": "VARCHAR",
        "empty": "VARCHAR",
    }
    assert not found["empty"][1] and found["small"][1]


def test_one_bad_value_at_the_very_end_widens_the_type(tmp_path: Path) -> None:
    rows = "".join(f"{number}\n" for number in range(30_000))
    assert drafted(tmp_path, f"number\n{rows}2.5\n")["number"][0] == "DECIMAL(18,1)"


def test_personal_data_is_seen_in_names_and_in_values(tmp_path: Path) -> None:
    content = (
        "customer_id,first_name,product_name,EmailAddress,note,contact,home_address,who,where_to,city\n"
        "1,Ann,Lamp,a,write to ann@example.org,+44 20 7946 0958,x,Mrs Smith,12 High Street,Rome\n"
        "2,Bob,Cup,b,fine,+44 20 7946 0959,y,Mr Brown,3 Mill Lane,Oslo\n"
    )
    classes = {name: kind for name, (_, _, kind) in drafted(tmp_path, content).items()}
    assert classes["customer_id"] == "pseudonym"
    assert classes["product_name"] == classes["city"] == "none"
    direct = {"first_name", "EmailAddress", "note", "contact", "home_address", "who", "where_to"}
    assert {name for name, kind in classes.items() if kind == "direct"} == direct
    text = (tmp_path / "sources" / "mine" / "things.odcs.yaml").read_text()
    assert "ann@example.org" not in text and "Smith" not in text


def test_a_direct_column_is_drafted_as_text_and_asks_for_a_key(tmp_path: Path) -> None:
    done = start(tmp_path, written(tmp_path, "buyers.csv", "no,phone,since\n1,13800138000,2024-01-01\n"))
    contract = load_source_contract(done.written[0])
    assert contract.direct_columns == ("phone",) and contract.column("phone").is_text
    assert any("Only keyed hashes of it leave the home's private folder" in note for note in done.notes)
    assert any("ALMANAC_PRIVACY_KEY" in step for step in done.next_steps("mine"))
    plain = start(tmp_path, written(tmp_path, "sizes.csv", "no,size\n1,2\n"), name="other")
    assert not any("ALMANAC_PRIVACY_KEY" in step for step in plain.next_steps("other"))


def test_a_key_is_the_smallest_set_of_columns_that_is_unique(tmp_path: Path) -> None:
    done = start(tmp_path, written(tmp_path, "lines.csv", "order_no,line,price\n1,1,1.5\n1,2,2.5\n2,1,3.5\n"))
    assert load_source_contract(done.written[0]).row_key == ("order_no", "line")


def test_columns_called_like_names_of_our_own_queries(tmp_path: Path) -> None:
    names = "line,delivery,nth,rule,t,n,texts,judged,landed,gate_rows,count,reason,select,bad,day,dated,fits,locals"
    width = names.count(",") + 1
    content = f"{names}\n{','.join(['a'] * width)}\n{','.join(['a'] * width)}\n{','.join(['b'] * width)}\n"
    assert list(drafted(tmp_path, content)) == names.split(",")


def test_times_that_the_zone_skips_are_told(tmp_path: Path) -> None:
    content = "id,happened_at\n1,2024-03-31 01:30:00\n2,2024-03-31 03:30:00\n"
    done = start(tmp_path, written(tmp_path, "events.csv", content))
    assert "events: 1 rows would be set apart by happened_at:local_time" in done.notes


def test_names_that_yaml_reads_as_something_else(tmp_path: Path) -> None:
    start(tmp_path, written(tmp_path, "null.csv", "no,y\nyes,off\n"), name="yes")
    assert list(load_shop(tmp_path / "shops" / "yes.yaml").sources) == ["yes"]
    assert load_source_contract(tmp_path / "sources" / "yes" / "null.odcs.yaml").column_names == ("no", "y")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("orders-2024-01-31.csv", "orders"),
        ("2024_01_31 Order Lines.csv.gz", "order_lines"),
        ("export_20240131.CSV", "export"),
        ("v2_customers.csv", "v2_customers"),
    ],
)
def test_a_table_is_called_as_its_file_without_dates(name: str, table: str) -> None:
    assert table_name(Path("somewhere") / name) == table


HOSTILE = {
    "nothing in it": (b"", "not even a header"),
    "blank": (b"\n\n", "not even a header"),
    "header only": (b"a,b\n", "no row below it"),
    "doubled": (b"id,ID\n1,2\n", "'ID' stands twice in the header"),
    "no identifier": (b"id,unit price\n1,2\n", "column 2 is called 'unit price'"),
    "no header": (b"17,3.5\n18,4\n", "column 1 is called '17'"),
    "chinese": ("订单,价格\n1,2\n".encode(), "column 1 is called"),
    "injection": (b'"a""; drop table x",b\n1,2\n', "column 1 is called"),
    "not utf-8": (b"a,b\n\xff,2\n", "encoding: not UTF-8 in line 2"),
    "control": (b"a,b\n\x00,2\n", "NUL byte in line 2"),
    "ragged": (b"a,b\n1,2,3\n", "records"),
    "open quote": (b'a,b\n"1,2\n', "quotes"),
    "our own column": (b"_row_hash,b\n1,2\n", "column 1 is called '_row_hash'"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_one_line_and_nothing_is_written(tmp_path: Path, case: str) -> None:
    content, expected = HOSTILE[case]
    file = written(tmp_path, "things.csv", content)
    with pytest.raises((SettingsError, ContractError)) as raised:
        start(tmp_path, file)
    assert expected in str(raised.value) and "things.csv" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "shops").exists() and not (tmp_path / "sources").exists()


def test_arguments_that_cannot_be_used(tmp_path: Path) -> None:
    good = written(tmp_path, "things.csv", "a\n1\n")
    other = written(tmp_path, "things-2024-01-01.csv", "b\n1\n")
    packed = written(tmp_path, "packed.csv", gzip.compress(b"a\n1\n"))
    for files, overrides, expected in (
        ([good], {"name": "../x"}, "is not a shop's name"),
        ([good], {"time_zone": "Mars/Base"}, "not an IANA time zone"),
        ([good], {"currency": "pounds"}, "not an ISO 4217 currency"),
        ([good, other], {}, "the header differs from things.csv"),
        ([tmp_path / "absent.csv"], {}, "cannot be read (No such file or directory)"),
        ([tmp_path], {}, "is no CSV file"),
        ([packed], {}, "the content is gzip"),
        ([written(tmp_path, "订单.csv", "a\n1\n")], {}, None),
    ):
        if expected is None:
            assert table_name(files[0]) == tmp_path.name.lower()  # no Latin letter in it: the folder's name
            continue
        with pytest.raises((SettingsError, ContractError), match=expected.replace("(", r"\(").replace(")", r"\)")):
            start(tmp_path, *files, **overrides)


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    file = written(tmp_path, "things.csv", "a\n1\n")
    contract, shop = start(tmp_path, file).written
    for kept, removed in ((contract, shop), (shop, contract)):
        removed.unlink(missing_ok=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text("mine")
        with pytest.raises(SettingsError, match="never overwritten"):
            start(tmp_path, file)
        assert kept.read_text() == "mine" and not removed.exists()
        kept.unlink()
