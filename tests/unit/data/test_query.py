"""Questions in SQL are answered, and nothing but the one table can be read or changed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from fer_demo.data.query import RowQuery, choose, condition
from fer_demo.errors import DataError


@pytest.fixture(scope="module")
def query() -> RowQuery:
    return RowQuery(
        pa.table(
            {
                "expression": ["happy", "sad", "happy", None, "it's"],
                "age": [10.0, 20.0, 30.0, 40.0, None],
                "glasses": [True, False, True, False, None],
                "box": [[1, 2], [3], [], None, [4]],
                "Age": [1, 2, 3, 4, 5],
                "face": ["a", "b", "c", "d", "e"],
            }
        )
    )


def test_an_answer_with_the_column_face_chooses_faces(query: RowQuery) -> None:
    answer = query.run("SELECT face, age FROM faces WHERE expression = 'happy' ORDER BY age DESC")
    assert answer.rows == ((2, 30.0), (0, 10.0))
    assert answer.faces is not None
    assert answer.faces.tolist() == [2, 0]


def test_more_rows_are_read_when_more_are_asked_for(query: RowQuery) -> None:
    many = "SELECT range AS n FROM range(1000)"
    assert (len(query.run(many).rows), len(query.run(many, 1000).rows), query.run(many).count) == (200, 1000, 1000)
    assert query.run(many, 1000).rows[-1] == (999,)


def test_other_answers_choose_nothing(query: RowQuery) -> None:
    answer = query.run("SELECT expression, count(*) AS n FROM faces GROUP BY ALL ORDER BY n DESC LIMIT 1")
    assert (answer.columns, answer.rows, answer.faces) == (("expression", "n"), (("happy", 2),), None)


def test_a_face_counts_once_and_numbers_beyond_the_set_never(query: RowQuery) -> None:
    answer = query.run("SELECT unnest([3, 1, 3, 99, -1]) AS face")
    assert answer.faces is not None
    assert answer.faces.tolist() == [3, 1]


def test_columns_of_one_name_in_two_spellings_are_both_kept(query: RowQuery) -> None:
    assert {"face", "face_", "age", "Age_", "box"} <= set(query.columns())


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE faces",
        "INSERT INTO faces (age) VALUES (1)",
        "WITH new AS (INSERT INTO faces (age) VALUES (1) RETURNING *) SELECT * FROM new",
        "CREATE TABLE other AS SELECT 1",
        "COPY faces TO 'stolen.csv'",
        "ATTACH 'other.db'",
        "SET threads = 99",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "EXPLAIN SELECT 1",
    ],
)
def test_what_writes_or_attaches_is_refused(query: RowQuery, sql: str) -> None:
    with pytest.raises(DataError, match="Only SELECT is allowed here"):
        query.run(sql)
    assert query.run("SELECT count(*) FROM faces").rows == ((5,),)


@pytest.mark.parametrize(
    "source",
    ["read_csv('/etc/hostname')", "read_text('/etc/hostname')", "glob('/*')", "duckdb_secrets()", "sniff_csv('/x')"],
)
def test_files_are_not_read(query: RowQuery, source: str) -> None:
    with pytest.raises(DataError, match="nothing else: no files, no network"):
        query.run(f"SELECT * FROM {source}")


def test_variables_of_the_program_are_no_tables(query: RowQuery) -> None:
    labels = pa.table({"secret": [1]})
    with pytest.raises(DataError, match="labels does not exist"):
        query.run("SELECT * FROM labels")
    assert labels.num_rows == 1


def test_mistakes_are_one_sentence(query: RowQuery) -> None:
    for sql, words in (
        ("SELEC 1", "cannot be read: syntax error"),
        ("SELECT nothing FROM faces", 'cannot be run: Referenced column "nothing" not found'),
        ("SELECT 1; SELECT 2", "One query at a time"),
        ("  -- only a comment", "There is no query"),
    ):
        with pytest.raises(DataError, match=words) as caught:
            query.run(sql)
        assert "\n" not in str(caught.value)


def test_a_query_that_never_ends_is_stopped(query: RowQuery, monkeypatch: pytest.MonkeyPatch) -> None:
    assert query.run("SELECT 1").count == 1  # its process is there
    monkeypatch.setattr("fer_demo.data.query._database.seconds", 0.5)
    with pytest.raises(DataError, match="ask for less"):
        query.run("SELECT count(*) FROM range(10000000000) AS a, range(10000) AS b")


def test_conditions_of_a_form_become_sql(query: RowQuery) -> None:
    kinds = query.columns()

    def faces(column: str, comparison: str, value: str = "") -> list[int]:
        answer = query.run(choose([condition(column, kinds[column], comparison, value)]))
        assert answer.faces is not None
        return answer.faces.tolist()

    assert faces("expression", "is", "happy") == [0, 2]
    assert faces("expression", "is", "it's") == [4]
    assert faces("expression", "is not", "happy") == [1, 3, 4]
    assert faces("expression", "contains", "AP") == [0, 2]
    assert faces("age", "at least", "20") == [1, 2, 3]
    assert faces("age", "is empty") == [4]
    assert faces("glasses", "is", "yes") == [0, 2]
    both = choose([condition("age", "DOUBLE", "at most", "20"), condition("expression", "VARCHAR", "is", "sad")])
    assert query.run(both).rows == ((1,),)
    with pytest.raises(DataError, match="holds numbers"):
        condition("age", "DOUBLE", "is", "old")


def test_a_quote_in_a_value_or_name_ends_nothing() -> None:
    rows = RowQuery(pa.table({'odd"name': ["a' OR 1=1 --", "b"]}))
    answer = rows.run(choose([condition('odd"name', "VARCHAR", "is", "a' OR 1=1 --")]))
    assert answer.faces is not None
    assert np.array_equal(answer.faces, [0])


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT repeat('x', 3800000000) AS a", "needs more memory than it may have"),
        ("SELECT range(400000000) AS a", "needs more memory than it may have"),
        ("SELECT format('{:>2000000000}', 'x') AS a", "needs more memory than it may have"),
        ("SELECT repeat('x', 1000) AS a FROM range(100000)", "has more than 50 MB"),
        (f"SELECT '{'x' * 20_000}'", r"has 20,009 letters, and 20,000 is the most we read"),
        ("SELECT " + "(" * 5_000 + "1" + ")" * 5_000, "cannot be read|needs more memory"),
        ("SELECT " + "+".join("1" * 5_000), "cannot be read|needs more memory"),
    ],
)
def test_what_asks_for_gigabytes_is_refused(query: RowQuery, sql: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        query.run(sql, 200_000)
    assert query.run("SELECT count(*) FROM faces").rows == ((5,),)


def test_what_the_database_cannot_interrupt_is_ended(query: RowQuery, monkeypatch: pytest.MonkeyPatch) -> None:
    assert query.run("SELECT 1").count == 1  # its process is there
    with monkeypatch.context() as patch:
        patch.setattr("fer_demo.data.query._database.seconds", 0.5)
        with pytest.raises(DataError, match="takes more than 5 seconds"):
            query.run("SELECT levenshtein(repeat('ab', 200000), repeat('ba', 200000))")
    assert query.run("SELECT count(*) FROM faces").rows == ((5,),)


def test_values_of_every_type_are_answered_as_text_where_json_has_none(query: RowQuery) -> None:
    found = query.run(
        "SELECT DATE '290000-01-01', TIMESTAMP 'infinity', [1, NULL], 2::HUGEINT, 0.5, NULL, 'nan'::FLOAT"
    )
    assert found.rows[0][:6] == ("290000-01-01", "infinity", "[1, NULL]", "2", "0.5", None)
    assert found.rows[0][6] != found.rows[0][6]
    assert query.run("SELECT * FROM test_all_types()").count == 3
    assert query.run("SELECT 1 AS a, 2 AS a").rows == ((1, 2),)
