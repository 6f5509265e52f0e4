"""The claims of an instruction as expressions of figure_checks.py. Every sentence of the plot and
style descriptions has to be understood: one that is not is an error of the test, not a pass.
"""

import re

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
QUOTE = re.compile(r'"[^"]*"')
N = r"(?:\d+|" + "|".join(NUMBERS) + ")"
LIST = r"(?:«\d+»(?:, | and )?)+"
COLOUR = r"[a-z]+(?: (?:blue|green|red|gray|pink|purple))?"
COLOURS = rf"{COLOUR}(?:(?:, | and ){COLOUR})*"
IRREGULAR = {
    "boxes": "box",
    "heatmaps of hexagons": "heatmap of hexagons",
    "shaded densities": "shaded density",
}
SHOWS = (
    r"subplot(?:, [a-z ]+,)? shows|subplots each show"
    r"|set of axes(?:, [a-z ]+,)? shows|sets of axes each show"
)
BAR = (
    r"(?:one|a|add a|each plot has a|one of the plots has a|some of the plots have a"
    r"|the (?:\w+(?:, | and )?)+ plots? (?:each have|has) a) colour bar"
)
IN_LEGEND = r"(?: \(«\d+» in the legend\))?"
ONE_MARKER = "circle|square|triangle|cross|plus sign|star|diamond"
MARKERS = "circles|squares|triangles|crosses|plus signs|stars|diamonds"
NOT_COUNTED = {"shaded band"}


def listed(text: str) -> list[str]:
    """ "a, b and c" -> its items."""
    return re.split(", | and ", text)


def number(word: str) -> int:
    return NUMBERS.index(word) if word in NUMBERS else int(word)


def singular(words: str) -> str:
    if words in IRREGULAR:
        return IRREGULAR[words]
    head, of, tail = words.partition(" of ")
    return (
        (head.removesuffix("s") if head.endswith("s") and not head.endswith("ss") else head)
        + of
        + tail
    )


class Claims:
    """Reads one instruction whose figures are one; `found` are expressions."""

    def __init__(self, instruction: str) -> None:
        first, *_, last = instruction.split("\n")
        self.texts: list[str] = []
        self.found: list[str] = []
        self.unknown: list[str] = []
        self.plot(self.hidden(first))
        for sentence in re.split(r"(?<=[.])\s+(?=[A-Z])", self.hidden(last)):
            self.style(sentence.strip().rstrip("."))

    def hidden(self, text: str) -> str:
        """The text with its quotes replaced by numbers."""

        def keep(match: re.Match[str]) -> str:
            self.texts.append(match[0][1:-1])
            return f"«{len(self.texts) - 1}»"

        return QUOTE.sub(keep, text)

    def quoted(self, text: str) -> list[str]:
        return [self.texts[int(n)] for n in re.findall(r"«(\d+)»", text)]

    def claim(self, text: str) -> None:
        self.found.append(text)

    def plot(self, text: str) -> None:
        sentences = re.split(r"(?<=[.»])\s+(?=[A-Z])", text)
        opening = re.sub(r"^(?:Create|Generate) ", "", sentences[0].rstrip("."))
        several = re.match(rf"a figure with ({N}) (?:subplots|sets of axes)(.*)", opening)
        if several is None:
            self.claim("len(axes) == 1")
            self.phrase(opening, "axes[0]")
        else:
            self.claim(f"len(axes) == {number(several[1])}")
            self.arranged(several[2])
        for sentence in sentences[1:]:
            self.sentence(sentence.rstrip("."), several is not None)

    def arranged(self, text: str) -> None:
        if " share the x-axis" in text:
            self.claim("axes[0].get_shared_x_axes().joined(axes[0], axes[1])")
        if grid := re.search(rf"grid of ({N}) rows? and ({N}) columns?", text):
            rows, columns = map(number, grid.groups())
            self.claim(f"len({{round(a.get_position().y0, 2) for a in axes}}) == {rows}")
            self.claim(f"len({{round(a.get_position().x0, 2) for a in axes}}) == {columns}")
        if "side by side in one row" in text:
            self.claim("len({round(a.get_position().y0, 2) for a in axes}) == 1")
        if "in one column" in text:
            self.claim("len({round(a.get_position().x0, 2) for a in axes}) == 1")

    def sentence(self, text: str, several: bool) -> None:
        if place := re.match(
            rf"The ((?:\w+(?:, | and )?)+) (?:{SHOWS}) (.*)",
            text,
        ):
            if spot := re.match(r"The (\w+) (?:subplot|set of axes), ([a-z ]+), shows", text):
                self.claim(f"stands(axes, {ORDINALS.index(spot[1])}, {spot[2]!r})")
            words = re.split(r", | and ", place[1])
            for word in words:
                self.subplot(place[2], f"axes[{ORDINALS.index(word)}]")
        elif each := re.match(r"Each of them shows (.*)", text):
            self.subplot(each[1], "ALL")
        elif their := re.match(r"Their titles, in order, are (.*)", text):
            self.claim(
                f"all(t in titles(a) for t, a in zip({self.quoted(their[1])!r}, axes, strict=True))"
            )
        elif standing := re.match(r"The (\w+) (?:subplot|set of axes) stands (.*)", text):
            places = re.split(
                r", the | and the (?=\w+ (?:at|on|in|above|below|to|as) )", standing[2]
            )
            words = [standing[1], *(place.partition(" ")[0] for place in places[1:])]
            where = [places[0], *(place.partition(" ")[2] for place in places[1:])]
            for word, place in zip(words, where, strict=True):
                self.claim(f"stands(axes, {ORDINALS.index(word)}, {place!r})")
        elif diagonal := re.match(r"Those on the diagonal each show (.*), the others (.*)", text):
            side = "round(len(axes) ** 0.5)"
            for where, phrase in (("==", diagonal[1]), ("!=", diagonal[2])):
                test = f"place(axes, a) // {side} {where} place(axes, a) % {side}"
                holds = self.of_phrase(phrase, "a")
                self.claim(f"all({holds} for a in axes if {test})")
        elif parts := re.match(r"Of them, (.*)", text):
            starts = rf"(?:^|, | and )({N}) shows? "
            _, *found = re.split(starts, parts[1])
            for count, phrase in zip(found[::2], found[1::2], strict=True):
                self.claim(f"sum({self.of_phrase(phrase, 'a')} for a in axes) >= {number(count)}")
        elif listed_texts := re.match(
            r"The (title|x-axis label|y-axis label|text)s?(?: on them)?(?:, in order,)? "
            r"(?:are|is) (.*)",
            text,
        ):
            get = {
                "title": "titles(a)",
                "x-axis label": "[said(a.get_xlabel())]",
                "y-axis label": "[said(a.get_ylabel())]",
                "text": "[' '.join(texts(a))]",
            }[listed_texts[1]]
            self.claim(
                f"set({self.quoted(listed_texts[2])!r}) <= {{t for a in axes for t in {get}}}"
            )
        elif several and (match := re.match(r"They share (both axes|the (.)-axis)", text)):
            for name in match[2] or "xy":
                self.claim(f"all(a.get_shared_{name}_axes().joined(a, axes[0]) for a in axes)")
        else:
            self.clause(text[:1].lower() + text[1:], "axes[0]")

    def subplot(self, text: str, ax: str) -> None:
        first, *clauses = text.split("; ")
        where = [f"axes[{i}]" for i in range(60)] if ax == "ALL" else [ax]
        before = len(self.found)
        head = re.match(
            r"(.*?)(, (?:titled «|with the [xyz]-axis label|with a legend).*)?$",
            first,
        )
        assert head is not None
        self.phrase(head[1], "AX")
        tail = head[2] or ""
        if title := re.search(r"titled («\d+»)", tail.replace("legend titled", "")):
            self.claim(f"{self.quoted(title[1])[0]!r} in titles(AX)")
        for name, label in re.findall(r"the ([xyz])-axis label («\d+»)", tail):
            self.claim(f"said(AX.get_{name}label()) == {self.quoted(label)[0]!r}")
        if legend := re.search(r"a legend(?: titled («\d+»))? with (.*)", tail):
            self.legend(legend, "AX")
        for clause in clauses:
            self.clause(clause, "AX")
        new, self.found = self.found[before:], self.found[:before]
        if ax == "ALL":
            self.found += [f"all({claim.replace('AX', 'a')} for a in axes)" for claim in new]
        else:
            self.found += [claim.replace("AX", where[0]) for claim in new]

    def of_phrase(self, text: str, ax: str) -> str:
        before = len(self.found)
        self.phrase(text, ax)
        new, self.found = self.found[before:], self.found[:before]
        return f"bool({' and '.join(new) or 'True'})"

    def legend(self, match: re.Match[str], ax: str) -> None:
        if match[1]:
            self.claim(
                f"said({ax}.get_legend().get_title().get_text()) == {self.quoted(match[1])[0]!r}"
            )
        shown = self.quoted(match[2])
        legend = f"({ax}.get_legend() or (figure.legends or [None])[0])"
        if re.match(r"(\d+) entries", match[2]):
            self.claim(f"len([e for e in entries({legend}) if e]) == {int(match[2].split()[0])}")
        else:
            self.claim(f"[e for e in entries({legend}) if e] == {shown!r}")

    def phrase(self, text: str, ax: str) -> None:
        """ "a stacked bar chart with two sets of five bars and one line"."""
        text = re.sub(r" on (polar axes|a map|ternary axes)$", "", text)
        text, errors, _ = (
            text.partition(" and error bars")
            if " and error bars" in text
            else text.partition(", with error bars")
        )
        if errors:
            self.claim(f"COUNTS['set of error bars']({ax}) >= 1")
        if text == "empty axes":
            return self.claim(f"not {ax}.has_data() and not {ax}.texts")
        text = re.sub(r"^an? ", "", text)
        if combined := re.match(r"(?:three-dimensional )?plot that combines (.*)", text):
            return self.elements(combined[1], ax)
        if drawing := re.match(r"(?:three-dimensional )?drawing of (.*)", text):
            return self.elements(drawing[1], ax)
        noun, _, contents = text.partition(" with ")
        if noun == "plot":
            noun, contents = (
                "plot with error bars",
                contents.removeprefix("error bars").removeprefix(" with "),
            )
        self.noun(noun, ax)
        if contents:
            self.elements(contents, ax)

    def noun(self, noun: str, ax: str) -> None:
        for word in ("stacked", "grouped"):
            if noun.startswith(word + " "):
                noun = noun.removeprefix(word + " ")
                self.claim(f"{word}({ax})")
        if noun.startswith("horizontal "):
            noun = noun.removeprefix("horizontal ")
            if "bar" in noun:
                self.claim(f"lying({ax})")
        if noun.startswith("three-dimensional "):
            noun = noun.removeprefix("three-dimensional ")
            self.claim(f"{ax}.name == '3d'")
        known = {
            "line plot": "'line or across'",
            "scatter plot": "'point'",
            "bubble chart": "'point'",
            "bar chart": "'bar'",
            "box plot": "'box'",
            "violin plot": "'violin'",
            "pie chart": "'slice'",
            "donut chart": "'slice'",
            "image": "'image'",
            "heatmap": "'heatmap'",
            "contour plot": "'set of contours'",
            "filled contour plot": "'set of filled contours'",
            "step plot": "'step line'",
            "stem plot": "'set of stems'",
            "vector field plot": "'field of arrows'",
            "plot of stream lines": "'set of stream lines'",
            "filled area plot": "'filled area'",
            "area plot": "'filled area'",
            "plot with error bars": "'set of error bars'",
            "surface plot": "'surface'",
            "wireframe plot": "'wireframe'",
            "network diagram": "'node'",
        }
        if noun in known and not (
            noun == "filled contour plot" and "3d" in "".join(self.found[-1:])
        ):
            self.claim(f"COUNTS[{known[noun]}]({ax}) >= 1")
        elif noun == "histogram":
            self.claim(f"len({ax}.patches) >= 1")
        elif noun == "density plot":
            self.claim(f"{ax}.collections or {ax}.lines")
        elif noun == "heatmap of hexagons":
            self.claim(f"len({ax}.collections) >= 1")
        elif noun == "plot made of text":
            self.claim(f"len({ax}.texts) >= 1")
        elif noun not in ("dendrogram", "table", "drawing made of shapes", "filled contour plot"):
            self.unknown.append(noun)

    def elements(self, text: str, ax: str) -> None:
        for item in re.split(r", | and (?!a shaded)", text):
            item = item.removesuffix(" with a shaded band")
            if each := re.fullmatch(
                rf"({N}) (?:groups?|sets?) of (?:({N}) )?(points?|bars?)", item
            ):
                size = number(each[2]) if each[2] else None
                self.claim(
                    f"sets({ax}, {number(each[1])}, {size}, '{each[3]}')" if size else "True"
                )
            elif one := re.fullmatch(rf"({N}) (.+)", item):
                what = singular(one[2])
                if what in NOT_COUNTED or what.startswith("heatmap of"):
                    continue
                self.claim(f"COUNTS[{what!r}]({ax}) == {number(one[1])}")
            elif many := re.fullmatch(r"many (.+)", item):
                self.claim(f"COUNTS[{singular(many[1])!r}]({ax}) > 10")
            elif re.fullmatch(r"(?:boxes|violins|bins|points|bars|lines|histograms)", item):
                self.claim(f"COUNTS[{singular(item)!r}]({ax}) != 1")
            else:
                self.unknown.append(item)

    def clause(self, text: str, ax: str) -> None:
        patterns = (
            (
                r"the overall title is («\d+»)",
                lambda m: f"said(figure.get_suptitle()) == {self.quoted(m[1])[0]!r}",
            ),
            (
                r"the heading above it is («\d+»)",
                lambda m: f"said(figure.get_suptitle()) == {self.quoted(m[1])[0]!r}",
            ),
            (
                r"(?:the title reads|give the plot the title|title the plot) («\d+»)",
                lambda m: (
                    f"{self.quoted(m[1])[0]!r} in [*titles({ax}), said(figure.get_suptitle())]"
                ),
            ),
            (r"label (.*)", lambda m: self.labels(m[1], ax)),
            (
                r"(?:add|include|show) a legend(?: titled («\d+»))? with (.*)",
                lambda m: self.legend(m, ax),
            ),
            (
                r"the bars are in (\w+) order from (\w+) to \w+",
                lambda m: f"order({ax}, {m[1]!r}, {m[2]!r})",
            ),
            (
                r"both axes have an? (.+) scale",
                lambda m: f"{ax}.get_xscale() == {ax}.get_yscale() != 'linear'",
            ),
            (
                r"the (.)-axis has an? (\w+)(?: \w+)? scale",
                lambda m: f"{ax}.get_{m[1]}scale()[:3] in ('log', 'sym')",
            ),
            (
                r"the (.)-axis shows the names (.*?)(?: from top to bottom)?",
                lambda m: f"labels_along({ax}, {m[1]!r}) == {self.quoted(m[2])!r}",
            ),
            (
                r"the (.)-axis has a label for each of (\d+) places",
                lambda m: f"len(labels_along({ax}, {m[1]!r})) >= {m[2]}",
            ),
            (
                rf"an? .* (?:line|band){IN_LEGEND} crosses the plot at (.) = (\S+)",
                lambda m: f"straight({ax}, {m[1]!r}, {m[2]})",
            ),
            (
                r"an? .*band.* covers (.) from (\S+) to (\S+)",
                lambda m: f"straight({ax}, {m[1]!r}, {m[2]}, {m[3]})",
            ),
            (
                r"an? .* (?:line|band)(?: \(«\d+» in the legend\))? crosses the plot",
                lambda m: f"any(spans(a, {ax}) for a in [*{ax}.lines, *{ax}.patches])",
            ),
            (
                rf"({N}) (?:[a-z -]+ )?(?:vertical|horizontal) (line|band)s cross the plot",
                lambda m: (
                    f"sum(spans(a, {ax}) for a in [*{ax}.lines, *{ax}.patches]) >= {number(m[1])}"
                ),
            ),
            (r"the axes are not drawn", lambda m: f"not getattr({ax}, '_axis3don', {ax}.axison)"),
            (r"the (.)-axis is not drawn", lambda m: f"not {ax}.{m[1]}axis.get_visible()"),
            (
                r"there is a second scale along the (.)-axis",
                lambda m: f"any(a._orientation == {m[1]!r} for a in {ax}.child_axes)",
            ),
            (
                r"the axes have no ticks",
                lambda m: f"not len({ax}.get_xticks()) and not len({ax}.get_yticks())",
            ),
            (r"the (.)-axis has no ticks", lambda m: f"not len({ax}.get_{m[1]}ticks())"),
            (
                r"the (.)-axis runs (?:downwards|from right to left)",
                lambda m: f"{ax}.{m[1]}axis_inverted()",
            ),
            (r"a unit is equally long on both axes", lambda m: f"{ax}.get_aspect() == 1"),
            (r"the contours are labelled with their values", lambda m: f"len({ax}.texts) > 0"),
            (
                r"(?:each cell shows its value|values are written on the plot)",
                lambda m: f"len({ax}.texts) > 2",
            ),
            (
                r"the plot bears (\d+) short texts, among them (.*?)(?:, with .*)?",
                lambda m: (
                    f"len([t for t in texts({ax}) if t]) == {m[1]} "
                    f"and set({self.quoted(m[2])!r}) <= set(texts({ax}))"
                ),
            ),
            (
                r"the annotations? (.*?) stands? on the plot(, with an arrow|, with arrows)?",
                lambda m: (
                    f"set({self.quoted(m[1])!r}) == {{t for t in texts({ax}) if t}} and "
                    f"any(getattr(t, 'arrow_patch', None) for t in {ax}.texts) == {bool(m[2])}"
                ),
            ),
            (
                rf"the text («\d+») stands on the plot ({N}) times",
                lambda m: f"texts({ax}) == {self.quoted(m[1])!r} * {number(m[2])}",
            ),
            (r"the nodes are labelled", lambda m: f"len({ax}.texts) > 6"),
            (
                r"the labels (.*) stand on the network",
                lambda m: f"set({self.quoted(m[1])!r}) == set(texts({ax}))",
            ),
            (r"(the .-axis runs from .* to .*)", lambda m: self.limits(m[1], ax)),
            (
                r"the whole figure has (.*)",
                lambda m: " and ".join(
                    f"said(figure.get_sup{n}label()) == {self.quoted(q)[0]!r}"
                    for n, q in re.findall(r"the (.)-axis label («\d+»)", m[1])
                ),
            ),
            (
                r"one legend beside the plots has the entr(?:y|ies) (.*)",
                lambda m: (
                    f"[e for l in figure.legends for e in entries(l)] == {self.quoted(m[1])!r}"
                ),
            ),
            (
                r"one legend beside the plots has (\d+) entries",
                lambda m: f"len([e for l in figure.legends for e in entries(l)]) == {m[1]}",
            ),
            (
                r"the figure also bears the text (.*)",
                lambda m: (
                    f"set({self.quoted(m[1])!r}) <= {{said(t.get_text()) for t in figure.texts}}"
                ),
            ),
        )
        for pattern, claim in patterns:
            if match := re.fullmatch(pattern, text):
                if made := claim(match):
                    self.claim(made)
                return
        self.unknown.append(text)

    def labels(self, text: str, ax: str) -> str:
        pairs = re.findall(r"the ([xyz])-axis («\d+»)", text)
        return " and ".join(f"said({ax}.get_{n}label()) == {self.quoted(q)[0]!r}" for n, q in pairs)

    def limits(self, text: str, ax: str) -> str:
        days = re.findall(r"the (.)-axis runs from (\d+-\d+-.*?) to (\d+-\d+-[\d :-]+)", text)
        if days:
            return " and ".join(f"runs({ax}, {n!r}, {a!r}, {b.strip()!r})" for n, a, b in days)
        spans = re.findall(r"the (.)-axis runs from (\S+) to (\S+)", text)
        return " and ".join(
            f"close({ax}.get_{n}lim()[0], {a}) and close({ax}.get_{n}lim()[1], {b})"
            for n, a, b in spans
        )

    def style(self, text: str) -> None:
        text = text[:1].lower() + text[1:]
        shown = "any(map(has_grid, axes))"
        every = "all(map(has_grid, axes))"
        patterns = (
            (r"no particular style is asked for", lambda m: "True"),
            (
                r"(?:some of )?the .* (?:is|are) coloured with the colour maps? (.*)",
                lambda m: f"set({self.maps(m[1])!r}) <= maps(axes)",
            ),
            (
                rf"{BAR}(?: labelled («\d+»))?.*",
                lambda m: self.bar(m),
            ),
            (r"(?:use|the colours are|choose) (.*)", lambda m: self.pairs(m[1])),
            (
                r"colours tell (.*) apart",
                lambda m: (
                    f"all(set({self.quoted(m[1])!r}) <= set(entries(a.get_legend())) for a in axes)"
                ),
            ),
            (
                r"the (?:other )?(.*) (?:is|are) in many different colours",
                lambda m: f"len({{c[:3] for c in coloured(axes, {singular(m[1])!r})}}) > 4",
            ),
            (
                r"the lines? (?:is|are) (dashed|dotted|dash-dotted)",
                lambda m: (
                    f"all(l.get_linestyle() == {self.dash(m[1])!r} for a in axes for l in lines(a))"
                ),
            ),
            (
                r"some of the lines are (dashed|dotted|dash-dotted)(.*)",
                lambda m: (
                    f"any(l.get_linestyle() == {self.dash(m[1])!r} for a in axes for l in lines(a))"
                ),
            ),
            (
                r"the data points on the lines? are marked with .*",
                lambda m: (
                    "all(l.get_marker() not in ('None', None, '') for a in axes for l in lines(a))"
                ),
            ),
            (
                r"some of the lines are marked with .*",
                lambda m: (
                    "any(l.get_marker() not in ('None', None, '') for a in axes for l in lines(a))"
                ),
            ),
            (
                rf"(?:some of )?the points are (?:{MARKERS}).*",
                lambda m: "any(clouds(a) or bare(a) or a.containers for a in axes)",
            ),
            (
                rf"the point is a (?:{ONE_MARKER})",
                lambda m: "sum(len(bare(a)) + len(clouds(a)) for a in axes) == 1",
            ),
            (
                r"the points differ in size",
                lambda m: "all(len(set(c.get_sizes())) > 1 for a in axes for c in clouds(a))",
            ),
            (
                r"the slices are labelled (.*)",
                lambda m: f"set({self.quoted(m[1])!r}) <= {{t for a in axes for t in texts(a)}}",
            ),
            (
                r"each slice shows its percentage",
                lambda m: "any('%' in t for a in axes for t in texts(a))",
            ),
            (
                r"the background of the plot is ([a-z ]+?)"
                r"(?: and the figure around it is ([a-z ]+))?",
                lambda m: (
                    f"all(near(a.get_facecolor()[:3], {m[1]!r}) for a in axes)"
                    + (f" and near(figure.get_facecolor()[:3], {m[2]!r})" if m[2] else "")
                ),
            ),
            (
                r"the figure around it is ([a-z ]+)",
                lambda m: f"near(figure.get_facecolor()[:3], {m[1]!r})",
            ),
            (r"grid lines are shown|show a grid|grid lines lie behind the data", lambda m: every),
            (
                r"there are no grid lines|leave out grid lines|the background is without a grid",
                lambda m: f"not {shown}",
            ),
            (r"some of the plots have grid lines", lambda m: f"{shown} and not {every}"),
            (
                r"the plot has no border",
                lambda m: "not any(s.get_visible() for a in axes for s in a.spines.values())",
            ),
            (
                r"the plot has no border at the (.*)",
                lambda m: (
                    f"not any(a.spines[s].get_visible() for a in axes if a.axison "
                    f"for s in {listed(m[1])!r})"
                ),
            ),
            (
                r"the labels of the x-axis are turned by (\S+) degrees",
                lambda m: f"all(turned(a, {m[1]}) for a in axes)",
            ),
            (
                r"the figure is (\S+) inches wide and (\S+) inches high",
                lambda m: f"all(map(close, figure.get_size_inches(), ({m[1]}, {m[2]})))",
            ),
            (
                rf"the (?:other )?(.*?) (?:is|are) (not filled), with edges in ({COLOURS})",
                lambda m: f"colours_are(axes, {singular(m[1])!r}, {listed(m[3])!r}, False)",
            ),
            (
                rf"the other (.*?) (?:is|are) (?:translucent )?({COLOURS})",
                lambda m: (
                    f"all(any(near(c[:3], n) for c in coloured(axes, {singular(m[1])!r})) "
                    f"for n in {listed(m[2])!r})"
                ),
            ),
            (
                rf"the (.*?) (?:is|are) (translucent )?({COLOURS})",
                lambda m: f"colours_are(axes, {singular(m[1])!r}, {listed(m[3])!r}, {bool(m[2])})",
            ),
        )
        for pattern, claim in patterns:
            if match := re.fullmatch(pattern, text):
                if made := claim(match):
                    self.claim(made)
                return
        self.unknown.append(text)

    def maps(self, text: str) -> list[str]:
        names = re.split(", | and ", text)
        return [
            name.removesuffix(" (reversed)") + ("_r" if "(reversed)" in name else "")
            for name in names
        ]

    def bar(self, match: re.Match[str]) -> str:
        bars = "[a for a in figure.axes if hasattr(a, '_colorbar')]"
        if not match[1]:
            return f"len({bars}) >= 1"
        return f"any({self.quoted(match[1])[0]!r} in bar_texts(a) for a in {bars})"

    def pairs(self, text: str) -> str:
        pairs = re.findall(r"(?:^|, | and )([a-z ]+?) for («\d+»)", text)
        return " and ".join(f"label_colour(axes, {self.quoted(q)[0]!r}, {c!r})" for c, q in pairs)

    def dash(self, word: str) -> str:
        return {"dashed": "--", "dotted": ":", "dash-dotted": "-."}[word]
