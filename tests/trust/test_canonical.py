"""RFC 8785, against its own examples and the test data of its authors."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel.errors import Invalid
from jirong.trust import canonical

# IEEE 754 bits and their text: RFC 8785 appendix B.
NUMBERS = """
0000000000000000 0
8000000000000000 0
0000000000000001 5e-324
8000000000000001 -5e-324
7fefffffffffffff 1.7976931348623157e+308
ffefffffffffffff -1.7976931348623157e+308
4340000000000000 9007199254740992
c340000000000000 -9007199254740992
4430000000000000 295147905179352830000
44b52d02c7e14af5 9.999999999999997e+22
44b52d02c7e14af6 1e+23
44b52d02c7e14af7 1.0000000000000001e+23
444b1ae4d6e2ef4e 999999999999999700000
444b1ae4d6e2ef4f 999999999999999900000
444b1ae4d6e2ef50 1e+21
3eb0c6f7a0b5ed8c 9.999999999999997e-7
3eb0c6f7a0b5ed8d 0.000001
41b3de4355555553 333333333.3333332
41b3de4355555554 333333333.33333325
41b3de4355555555 333333333.3333333
41b3de4355555556 333333333.3333334
41b3de4355555557 333333333.33333343
becbf647612f3696 -0.0000033333333333333333
43143ff3c1cb0959 1424953923781206.2
"""

# Input and output of github.com/cyberphone/json-canonicalization, testdata (the RFC's reference data).
DOCUMENTS = [
    ('[56,{"d":true,"10":null,"1":[ ]}]', '[56,{"1":[],"10":null,"d":true}]'),
    (
        '{"peach":"a","péché":"b","pêche":"c","sin":"d"}',
        '{"peach":"a","péché":"b","pêche":"c","sin":"d"}',
    ),
    (
        '{"1":{"f":{"f":"hi","F":5},"\\n":56.0},"10":{},"":"empty","a":{},"111":[{"e":"yes","E":"no"}],"A":{}}',
        '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}',
    ),
    ('{"Unnormalized Unicode":"A\\u030a"}', '{"Unnormalized Unicode":"A\u030a"}'),
    (
        '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ),
    (
        '{"\\u20ac":"Euro Sign","\\r":"CR","\\u000a":"LF","1":"One","\\u0080":"Control\\u007f",'
        '"\\ud83d\\ude02":"Smiley","\\u00f6":"o","\\ufb33":"Dalet","</script>":"Browser"}',
        '{"\\n":"LF","\\r":"CR","1":"One","</script>":"Browser","\x80":"Control\x7f","ö":"o","€":"Euro Sign",'
        '"😂":"Smiley","\ufb33":"Dalet"}',
    ),
]


@pytest.mark.parametrize("line", NUMBERS.split("\n")[1:-1])
def test_numbers_are_written_as_the_rfc_lists_them(line: str) -> None:
    bits, text = line.split()
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical.number(value) == text


def test_ten_thousand_numbers_have_the_published_hash() -> None:
    """The generator and its SHA-256 for 10,000 lines are those of json-canonicalization/testdata/README.md."""
    lines = hashlib.sha256()
    for _, bits in zip(range(10_000), number_sequence(), strict=False):
        (value,) = struct.unpack(">d", struct.pack(">Q", bits))
        lines.update(f"{bits:x},{canonical.number(value)}\n".encode())
    assert lines.hexdigest() == "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892"


@pytest.mark.parametrize(("given_", "expected"), DOCUMENTS)
def test_documents_of_the_reference_data(given_: str, expected: str) -> None:
    assert canonical.encode(canonical.parse(given_)).decode() == expected
    assert canonical.is_canonical(expected.encode())
    assert given_ == expected or not canonical.is_canonical(given_.encode())


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"a": [1, math.nan]}, "$.a[1]"),
        ({"a": math.inf}, "$.a"),
        ([2**53], "$[0]"),
        ([2.0**53], "$[0]"),
        ({"b": {"c": -(2**53)}}, "$.b.c"),
        ("\ud800", "$"),
        ({"\udc00": 1}, "$"),
    ],
)
def test_what_json_cannot_carry_is_refused_with_its_place(value: Any, where: str) -> None:
    with pytest.raises(Invalid) as refusal:
        canonical.encode(value)
    assert (refusal.value.code, refusal.value.where) == ("canonical.unsafe", where)


@pytest.mark.parametrize("value", [{"a": b"x"}, {1: 2}, object(), {"a": {1, 2}}])
def test_what_is_no_json_at_all_is_a_defect(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical.encode(value)


def test_nesting_has_an_end() -> None:
    deep: Any = 1
    for _ in range(canonical.DEPTH_MAX):
        deep = [deep]
    assert canonical.encode(deep)
    with pytest.raises(Invalid):
        canonical.encode([deep])
    with pytest.raises(Invalid):
        canonical.parse("[" * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"c":2,"b":3}}',
        b"NaN",
        b"[Infinity]",
        b"1e999",
        b'"\xff"',
        b'\xef\xbb\xbf"mark"',
        b'{"a":1',
        b'"\\ud800"',
        b"9" * 5000,
        b"",
    ],
)
def test_json_is_read_strictly(text: bytes) -> None:
    with pytest.raises(Invalid):
        canonical.parse(text)
    assert not canonical.is_canonical(text)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# Floats that would be written as whole numbers beyond 2^53 are refused, so none are drawn.
FLOAT = st.floats(-(2**53), 2**53, exclude_min=True, exclude_max=True) | st.floats(min_value=1e21, allow_infinity=False)
INTEGER = st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGER | FLOAT | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_reading_back_gives_the_same_value_and_the_same_bytes(value: Any) -> None:
    data = canonical.encode(value)
    assert json.loads(data) == value
    assert canonical.encode(canonical.parse(data)) == data
    assert canonical.is_canonical(data)


@given(st.dictionaries(TEXT, st.none(), max_size=6))
def test_the_order_in_which_keys_were_given_does_not_matter(value: dict[str, None]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical.encode(backwards) == canonical.encode(value)
    assert list(json.loads(canonical.encode(value))) == sorted(value, key=lambda key: key.encode("utf-16-be"))


def number_sequence() -> Iterator[int]:
    yield from STATIC
    yield from range(0x0010000000000000, 0x0010000000000000 + 2000)
    block = bytes(32)
    while True:
        block = hashlib.sha256(block).digest()
        for bits in struct.unpack("<4Q", block):
            (value,) = struct.unpack(">d", struct.pack(">Q", bits))
            if value != 0 and math.isfinite(value):
                yield bits


# Boundary cases that open the published sequence.
STATIC_BITS = """
0000000000000000 8000000000000000 0000000000000001 8000000000000001 c46696695dbd1cc3 c43211ede4974a35
c3fce97ca0f21056 c3c7213080c1a6ac c39280f39a348556 c35d9b1f5d20d557 c327af4c4a80aaac c2f2f2a36ecd5556
c2be51057e155558 c28840d131aaaaac c253670dc1555557 c21f0b4935555557 c1e8d5d42aaaaaac c1b3de4355555556
c17fca0555555556 c1496e6aaaaaaaab c114585555555555 c0e046aaaaaaaaab c0aa0aaaaaaaaaaa c074d55555555555
c040aaaaaaaaaaab c00aaaaaaaaaaaab bfd5555555555555 bfa1111111111111 bf6b4e81b4e81b4f bf35d867c3ece2a5
bf0179ec9cbd821e becbf647612f3696 be965e9f80f29212 be61e54c672874db be2ca213d840baf8 bdf6e80fe033c8c6
bdc2533fe68fd3d2 bd8d51ffd74c861c bd5774ccac3d3817 bd22c3d6f030f9ac bcee0624b3818f79 bcb804ea293472c7
bc833721ba905bd3 bc4ebe9c5db3c61e bc18987d17c304e5 bbe3ad30dfcf371d bbaf7b816618582f bb792f9ab81379bf
bb442615600f9499 bb101e77800c76e1 bad9ca58cce0be35 baa4a1e0a3e6fe90 ba708180831f320d ba3a68cd9e985016
446696695dbd1cc3 443211ede4974a35 43fce97ca0f21056 43c7213080c1a6ac 439280f39a348556 435d9b1f5d20d557
4327af4c4a80aaac 42f2f2a36ecd5556 42be51057e155558 428840d131aaaaac 4253670dc1555557 421f0b4935555557
41e8d5d42aaaaaac 41b3de4355555556 417fca0555555556 41496e6aaaaaaaab 4114585555555555 40e046aaaaaaaaab
40aa0aaaaaaaaaaa 4074d55555555555 4040aaaaaaaaaaab 400aaaaaaaaaaaab 3fd5555555555555 3fa1111111111111
3f6b4e81b4e81b4f 3f35d867c3ece2a5 3f0179ec9cbd821e 3ecbf647612f3696 3e965e9f80f29212 3e61e54c672874db
3e2ca213d840baf8 3df6e80fe033c8c6 3dc2533fe68fd3d2 3d8d51ffd74c861c 3d5774ccac3d3817 3d22c3d6f030f9ac
3cee0624b3818f79 3cb804ea293472c7 3c833721ba905bd3 3c4ebe9c5db3c61e 3c18987d17c304e5 3be3ad30dfcf371d
3baf7b816618582f 3b792f9ab81379bf 3b442615600f9499 3b101e77800c76e1 3ad9ca58cce0be35 3aa4a1e0a3e6fe90
3a708180831f320d 3a3a68cd9e985016 4024000000000000 4014000000000000 3fe0000000000000 3fa999999999999a
3f747ae147ae147b 3f40624dd2f1a9fc 3f0a36e2eb1c432d 3ed4f8b588e368f1 3ea0c6f7a0b5ed8d 3e6ad7f29abcaf48
3e35798ee2308c3a 3ed539223589fa95 3ed4ff26cd5a7781 3ed4f95a762283ff 3ed4f8c60703520c 3ed4f8b72f19cd0d
3ed4f8b5b31c0c8d 3ed4f8b58d1c461a 3ed4f8b5894f7f0e 3ed4f8b588ee37f3 3ed4f8b588e47da4 3ed4f8b588e3849c
3ed4f8b588e36bb5 3ed4f8b588e36937 3ed4f8b588e368f8 3ed4f8b588e368f1 3ff0000000000000 bff0000000000000
bfeffffffffffffa bfeffffffffffffb 3feffffffffffffa 3feffffffffffffb 3feffffffffffffc 3feffffffffffffe
bfefffffffffffff bfefffffffffffff 3fefffffffffffff 3fefffffffffffff 3fd3333333333332 3fd3333333333333
3fd3333333333334 0010000000000000 000ffffffffffffd 000fffffffffffff 7fefffffffffffff ffefffffffffffff
4340000000000000 c340000000000000 4430000000000000 44b52d02c7e14af5 44b52d02c7e14af6 44b52d02c7e14af7
444b1ae4d6e2ef4e 444b1ae4d6e2ef4f 444b1ae4d6e2ef50 3eb0c6f7a0b5ed8c 3eb0c6f7a0b5ed8d 41b3de4355555553
41b3de4355555554 41b3de4355555555 41b3de4355555556 41b3de4355555557 becbf647612f3696 43143ff3c1cb0959
"""
STATIC = [int(bits, 16) for bits in STATIC_BITS.split()]
