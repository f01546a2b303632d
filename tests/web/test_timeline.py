"""A stretch of time as a picture: told in words, by shape and not only by colour, at any width."""

import re

from replay.evidence.layout import Bar, Dot, Lane, Picture
from web.pages.timeline import TONES, drawn, key

BARS = ("here", "elsewhere", "near", "failing")


def picture(*lanes):
    return Picture(
        caption="One <day>",
        alt="Cover: 1 stretch.",
        at=5_000,
        at_label="14:05",
        ticks=((0, "00:00"), (5_000, "12:00"), (10_000, "24:00")),
        lanes=lanes,
    )


def test_a_picture_has_a_title_and_words_and_nothing_is_markup():
    """WCAG 2.2, 1.1.1; what is written is never read as markup."""
    svg = str(drawn(picture(Lane(name="<b>Cover</b>")), "one"))

    assert 'role="img" aria-labelledby="one-title one-words"' in svg
    assert '<title id="one-title">One &lt;day&gt;</title>' in svg
    assert '<desc id="one-words">Cover: 1 stretch.</desc>' in svg
    assert "&lt;b&gt;Cover&lt;/b&gt;" in svg
    assert "style=" not in svg


def test_the_line_stands_at_the_instant_and_bars_lie_to_scale():
    bar = Bar(begins=2_500, until=7_500, tone="here")
    svg = str(drawn(picture(Lane(name="Cover", bars=(bar,))), "one"))

    assert re.search(r'<line x1="50\.00%" x2="50\.00%" y1="20"', svg)
    assert 'x="25.75%"' in svg
    assert 'width="48.50%"' in svg
    assert re.findall(r'text-anchor="(\w+)">\d\d:00', svg) == ["start", "middle", "end"]


def test_a_bar_of_no_length_can_be_seen():
    bar = Bar(begins=100, until=100, tone="here")
    assert 'width="0.40%"' in str(drawn(picture(Lane(name="Cover", bars=(bar,))), "one"))


def test_every_tone_has_a_shape_of_its_own():
    """WCAG 2.2, 1.4.1: not by colour alone."""
    shapes = set()
    for tone in TONES:
        bar = tone in BARS
        lane = Lane(
            name="x",
            bars=(Bar(begins=0, until=5_000, tone=tone),) if bar else (),
            dots=() if bar else (Dot(at=0, tone=tone, label=tone),),
        )
        told = str(key([picture(lane)]))
        assert TONES[tone] in told
        shape = re.sub(r"<defs>.*?</defs>", "", told, flags=re.DOTALL)
        colourless = re.sub(r"#[0-9a-f]{3,6}", "", shape.replace(TONES[tone], ""))
        shapes.add(colourless)

    assert len(shapes) == len(TONES)


def test_two_pictures_of_one_page_share_no_id():
    bar = Bar(begins=0, until=1, tone="failing")
    lane = Lane(name="x", bars=(bar,))
    both = str(drawn(picture(lane), "one") + drawn(picture(lane), "two") + key([picture(lane)]))

    ids = re.findall(r' id="([^"]+)"', both)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", both)) <= set(ids)


def test_the_key_of_nothing_is_empty():
    assert str(key([picture(Lane(name="x"))])) == ""
