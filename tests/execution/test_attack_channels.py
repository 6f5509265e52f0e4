"""Attacks on the channels by which a script's process talks to the program: what cannot be read,
what is too much of it, texts and numbers that no record can hold, and streams that are not there.

Each runs in both engines; the fixture looks at what the attack has left (conftest.py). All run in
mode A of the warm engine; of those in mode B and in the notebook engine one of each kind, the
others with the slow tests.
"""

import json
import time

import pyarrow as pa
import pytest

from viscode.execution.engine import pack, unpack

pytestmark = pytest.mark.sandbox
everywhere = pytest.mark.parametrize("attack", ["A", "B", "notebook"], indirect=True)


def cases(table, settings=("A", "B", "notebook")):
    """A test for each attack and setting."""
    return pytest.mark.parametrize(
        ("attack", "name"),
        [
            pytest.param(
                setting,
                name,
                id=f"{name}-{setting}",
                marks=[pytest.mark.slow] if number and setting != "A" else [],
            )
            for number, name in enumerate(table)
            for setting in settings
        ],
        indirect=["attack"],
    )


SAY = """
from jupyter_client.session import DELIM
kernel = get_ipython().kernel
def raw(*parts): kernel.iopub_socket.send_multipart(list(parts))
def sealed(*parts): raw(DELIM, kernel.session.sign(list(parts)), *parts)
def say(kind, body, times=1):
    '''A message with this content, past all that is ours.'''
    if hasattr(kernel.session, 'deliver'):
        data = b'{"type": "%s", "content": %s}' % (kind.encode(), body)
        data = (struct.pack('=cQ', b'M', len(data)) + data) * times
        for number in sockets():
            try: left = memoryview(data)
            except OSError: continue
            try:
                while left: left = left[os.write(number, left):]
            except OSError: pass
        return
    header = json.dumps({'msg_id': 'x', 'msg_type': kind}).encode()
    parent = kernel.session.pack(kernel.get_parent()['header'])
    for _ in range(times): sealed(header, parent, b'{}', body)
def bundle(form, body): return b'{"data": {"%s": %s}}' % (form.encode(), body)
PLOTLY, FACTS = 'application/vnd.plotly.v1+json', 'application/vnd.viscode.facts+json'
def publish(data):
    from IPython.display import publish_display_data
    publish_display_data(data)
def png():
    import base64, io
    from PIL import Image
    out = io.BytesIO(); Image.linear_gradient('L').save(out, 'PNG')
    return base64.b64encode(out.getvalue()).decode()
def axes(**changes):
    return {**dict(kinds=['line'], title='', xlabel='', ylabel='', zlabel='', xscale='linear',
      yscale='linear', projection='rectilinear', xlim=None, ylim=None, legend=[], series=[],
      grid=False, colorbar=False, annotations=[]), **changes}
def facts(**changes):
    return dict(version=4, library='matplotlib', size_px=[256, 256], suptitle='', layout=[1, 1],
      axes=[axes(**changes)])
"""


def as_stored(execution):
    """The verdict after it went through the store and a table, as data sets hold it."""
    again = unpack(pack(execution), execution.id)
    texts = [again.error_type, again.error_message, again.error, again.facts, again.stdout_head]
    table = pa.table({"text": pa.array(texts, pa.string())})
    assert table["text"].to_pylist() == texts
    return again


UNREADABLE = {  # none of it is a message, so none of it counts
    "content of no shape": "for body in (b'[]', b'null', b'5', b'\"x\"', b'{', b'', b'\\xff\\xfe"
    '\', b\'{"data": []}\', b\'{"data": {"image/png": 5}, "transient": 7}\'):\n'
    "  say('update_display_data', body)",
    "no delimiter": "raw(b'no', b'delimiter'); raw(b''); raw(DELIM); raw(DELIM, b'')",
    "headers of no shape": "for head in (b'[]', b'{}', b'5', b'', b'{\"msg_type\": []}', b'\\xff'"
    ", b'[' * 10**5):\n  sealed(head, b'[]', b'{}', b'{}'); sealed(b'{}', head, b'{}', b'{}')",
    "too few and too many parts": "sealed(b'{}'); sealed(b'{}', b'{}'); sealed(*[b'{}'] * 5000)",
    "unsigned": "raw(DELIM, b'no', b'{}', b'{}', b'{}', b'{}')",
    "deep": "for body in (b'[' * 10**6, b'{\"data\":' * 10**5, b'{\"data\":' + b'[' * 900 +"
    " b']' * 900 + b'}'):\n  say('display_data', body)",
    "huge integer": "say('display_data', bundle(PLOTLY, b'9' * 10**5))",
    "kinds of no kind": "for kind in ('', 'x' * 999, 'status', 'comm_open', 'execute_reply'):\n"
    "  say(kind, b'{}'); say(kind, b'[]')",
}


@everywhere
def test_what_is_no_message_is_left_out(attack):
    code = "\n".join(UNREADABLE.values())
    execution = attack(f"{SAY}{code}\nprint('on'); 1 / 0")
    assert (execution.status, execution.error_type) == ("error", "ZeroDivisionError")
    assert execution.stdout_head == "on\n"


DISTURB = """
def disturb(noise):
    for number in sockets():
        try: os.write(number, noise)
        except OSError: pass
"""
BROKEN = {
    "noise": "disturb(b'\\xff' * 4096)",
    "a frame that has no end": "disturb(b'\\x02' + b'\\x7f' * 8)",
    "channels closed": "os.closerange(3, 256)",
}


@cases(BROKEN)
def test_a_broken_channel_is_a_verdict(attack, name):
    began = time.monotonic()
    execution = attack(f"{DISTURB}{BROKEN[name]}\ntime.sleep(0.2)")
    assert (execution.status, execution.error_type) == ("died", "KernelDied")
    assert time.monotonic() - began < 60


@cases(["[]", "{}", "{'status': []}", "b'\\xff'", "b'[' * 10**6"], ("A", "B"))
def test_a_reply_that_tells_nothing_is_a_verdict(attack, name):
    execution = attack(f"forge(b'D', {name})\ntime.sleep(30)", timeout_s=20)
    assert (execution.status, execution.error_type) == ("died", "KernelDied")
    assert execution.error_message


TEXTS = {  # what is raised -> the error's type
    "ValueError('\\ud83d')": "ValueError",
    "ValueError('\\udcff' * 10**6)": "ValueError",
    "ValueError('x' * 50_000_000)": "ValueError",
    "type('a b\\n\\x07' + 'x' * 300, (Exception,), {})": "a_b__" + "x" * 95,
    "type('\\u202e<b>', (Exception,), {})": "__b_",
    "type('', (Exception,), {})": "_",
    "KeyError('\\x1b[31m\\x00\\x07')": "KeyError",
}


@cases(TEXTS)
def test_any_error_can_be_stored(attack, name):
    execution = as_stored(attack(f"raise {name}"))
    assert (execution.status, execution.error_type) == ("error", TEXTS[name])
    assert len(execution.error_message) <= 1000 and len(execution.error) < 5000


@everywhere
def test_texts_of_figures_can_be_stored(attack):
    code = (
        "publish({'image/png': png(), FACTS: facts(title='a\\ud800b', legend=['\\udfff' * 999])})\n"
        "print('\\ud83d')"
    )
    execution = as_stored(attack(SAY + code))
    assert (execution.status, len(execution.images)) == ("ok", 1), execution.error
    assert '"title":"a\ufffdb"' in execution.facts


@pytest.mark.parametrize("attack", ["A", "notebook"], indirect=True)
def test_texts_of_plotly_figures_can_be_drawn_and_stored(attack):
    code = (
        "publish({PLOTLY: {'data': [{'type': 'bar', 'y': [1, 2], 'name': '\\ud83d'}], 'layout':"
        " {'title': {'text': '\\udc00'}}}})"
    )
    execution = as_stored(attack(SAY + code))
    assert (execution.status, len(execution.images)) == ("ok", 1), execution.error_message
    assert '"label":"\ufffd"' in execution.facts and '"title":"\ufffd"' in execution.facts


NUMBERS = {  # facts of a figure
    "area of 1e308": "facts(area=[1e308, 0.0, 1e308, 1.0])",
    "area of no size": "facts(area=[-1e9, 1e9, float('nan'), 2])",
    "area of huge integers": "facts(area=[10**400, -10**400, 0, 1])",
    "limits": "facts(xlim=[1e308, -1e308], ylim=[float('inf'), 10**300])",
    "extents": "facts(series=[dict(kind='line', label='', points=10**30, color='', "
    "x=[-1e308, 1e308], y=[1e308, 1e309])])",
    "sizes": "{**facts(), 'size_px': [-1, 10**18], 'layout': [10**30, -5]}",
    "more than is read": "{**facts(), 'axes': [axes(title='x' * 999, annotations=['y' * 999] * "
    "99, legend=['z' * 999] * 99)] * 99}",
    "another shape": "{'version': {'a': []}, 3: None, 'axes': 'x', 'size_px': {}}",
}


@everywhere
def test_absurd_facts_are_unknown(attack):
    code = "\n".join(
        f"absurd = {facts}\n"
        "publish({FACTS: {'saved': [{'facts': absurd, 'size': [256, 256]}, {'sha256': [absurd]}]}})"
        "\npublish({'image/png': png(), FACTS: absurd})\npublish({'image/png': png()})"
        for facts in NUMBERS.values()
    )
    execution = as_stored(attack(f"{SAY}sys.set_int_max_str_digits(0)\n{code}"))
    assert (execution.status, len(execution.images)) == ("ok", 2 * len(NUMBERS)), execution.error
    assert "e+30" not in execution.facts and len(execution.facts) < 2 << 20


MUCH = {  # one message that would take many times its size
    "objects": "say('display_data', bundle('text/plain', b'[' + b'{},' * 9_000_000 + b'{}]'))",
    "lists": "say('display_data', bundle('text/plain', b'[' + b'[],' * 9_000_000 + b'[]]'))",
    "floats": "say('display_data', bundle(PLOTLY, b'[' + b'.5,' * 9_000_000 + b'0]'))",
    "numbers": "say('display_data', bundle(PLOTLY, b'[' + b'9e9,' * 6_000_000 + b'0]'))",
    "names": "say('display_data', b'{\"data\": {%s}}' % b','.join(b'\"%x\": 1' % n for n in "
    "range(2_000_000)))",
    "wide text": "say('display_data', bundle('text/plain', b'\"\\xf0\\x9f\\x8d\\x84' + b'x' * "
    "30_000_000 + b'\"'))",
    "one long frame": "say('display_data', bundle('text/plain', b'\"' + b'x' * 90_000_000 +"
    " b'\"'))",
    "long frames": "for _ in range(12): say('display_data', bundle(PLOTLY, b'\"' + b'x' * "
    "20_000_000 + b'\"'))",
    "long display": "publish({'text/plain': 'x' * 60_000_000, 'image/png': 'x' * 60_000_000})",
}


@cases(MUCH)
def test_one_message_takes_little_here(attack, name):
    execution = attack(f"{SAY}{MUCH[name]}\nprint(time.time())")
    assert execution.status == "ok", execution.error
    assert time.time() - float(execution.stdout_head) < 4


MANY = {
    "messages of nothing": "say('', b'{}', 200_000 if os.getppid() != 1 else 20_000)",
    "prints": "for n in range(20_000): print(n, flush=True)",
    "displays": "say('display_data', bundle('text/plain', b'\"x\"'), 15_000)",
    "updates of one display": 'body = b\'{"data": {}, "transient": {"display_id": "x"}}\'\n'
    "say('display_data', body, 8000); say('update_display_data', body, 8000)",
    "errors": 'say(\'error\', b\'{"ename": "E", "evalue": "", "traceback": ["%s"]}\' % '
    "(b'x' * 50_000), 1500)\nos._exit(3)",
    "saved figures": "publish({FACTS: {'saved': [{'plotly': {'data': [], 'n': n}} for n in "
    "range(200_000)]}})",
}


@cases(MANY)
def test_many_messages_take_little_time_here(attack, name):
    execution = attack(f"{SAY}{MANY[name]}\nsay('clear_output', b'{{}}'); print(time.time())")
    if name == "errors":
        assert execution.status == "died"
    elif name != "displays":
        assert execution.status == "ok", execution.error


FIGURES = {  # plotly figures that take long to read
    "typed arrays": "{'type': 'bar', 'x': typed(12_000_000), 'y': typed(12_000_000)}",
    "typed arrays of no sense": "{'type': 'pie', 'labels': typed(1_000_003, 'f8'), 'values': "
    "{'dtype': 'f8', 'bdata': '\\u00e9'}}",
    "traces": "*[{'type': 'bar', 'y': [1, 2, 3], 'x': list('abc')} for _ in range(30_000)]",
    "subplots": "*[{'type': 'bar', 'y': [1], 'xaxis': f'x{n}', 'yaxis': 'y'} for n in "
    "range(20_000)]",
    "labels": "{'type': 'pie', 'labels': list(map(str, range(400_000))), 'values': [1] * 400_000}",
    "dates": "{'type': 'scatter', 'x': ['0001-01-01T00:00:00+23:59'] * 400_000, 'y': [1]}",
    "no numbers": "{'type': 'scatter', 'x': [1e400, -1e400, 10**400, None, True, {}, 'a', []] * "
    "9999, 'y': [10**4000, '\\ud800'] * 9999}",
}
TYPED = """
import base64
def typed(size, dtype='i1'):
    return {'dtype': dtype, 'bdata': base64.b64encode(bytes(size)).decode()}
layout = {'width': 1e308, 'height': -1e308, 'barmode': ['stack'], 'colorway': ['\\ud800'] * 9999,
  'annotations': [{'text': 'x', 'xref': 'paper'}] * 20_000, 'images': [{'source': 'file:///x'}],
  **{f'coloraxis{n}': {} for n in range(20_000)}}
"""


def yardstick() -> float:
    """Seconds of processor time for known work, about 0.1: on a busy machine, where caches and
    cores are shared, the same work takes several times as many."""
    began = time.thread_time()
    numbers = [n / 7 for n in range(150_000)]
    assert json.loads(json.dumps(numbers)) == numbers
    return time.thread_time() - began


@cases(FIGURES)
def test_a_figure_is_read_in_little_time(attack, name):
    """The renderer refuses it at once, as it names a file: the time is that of the facts."""
    figure = f"{{'data': [{FIGURES[name]}], 'layout': layout}}"
    code = f"sys.set_int_max_str_digits(0)\npublish({{PLOTLY: {figure}}})"
    before = yardstick()
    began = time.process_time()
    execution = as_stored(attack(SAY + TYPED + code))
    took = time.process_time() - began
    assert (execution.status, execution.images) == ("ok", ()), execution.error
    assert took < 10 * (before + yardstick())  # 2 s where little else is done


STREAMS = {  # each, then: the script ends well, its figure is shown
    "none": "sys.stdout = sys.stderr = None",
    "a file": "sys.stdout = open('out.txt', 'w'); print('x')",
    "a closed file": "sys.stdout = open('out.txt', 'w'); sys.stdout.close()",
    "text": "import io; sys.stderr = io.StringIO(); sys.stdout = io.StringIO(); print('x')",
    "closed": "sys.stdout.close(); sys.stderr.close()",
    "descriptors closed": "os.close(1); os.close(2)",
    "descriptors taken": "os.close(1); f = open('x', 'w'); os.dup2(f.fileno(), 2); f.write('x')",
    "no stream at all": "sys.stdout = 5; sys.stderr = object()",
    "a stream that fails": "class F:\n  def write(self, *_): 1 / 0\n  flush = write\n"
    "sys.stdout = F()",
    "logging to a closed stream": "import logging, io; s = io.StringIO(); logging.basicConfig("
    "stream=s, force=True); s.close(); logging.error('x')",
    "given back": "mine = sys.stdout; sys.stdout = None; sys.stdout = mine; print('back')",
    "the first ones": "sys.stdout = sys.__stdout__; sys.stderr = sys.__stderr__",
}


@cases(STREAMS)
def test_a_script_may_do_to_its_streams_what_it_likes(attack, name):
    code = f"{STREAMS[name]}\nimport matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()"
    execution = attack(code)
    assert (execution.status, execution.error_type) == ("ok", "")
    assert len(execution.images) == 1


@cases(["none", "a closed file", "closed", "a stream that fails"])
def test_an_error_is_told_whatever_became_of_the_streams(attack, name):
    execution = attack(f"{STREAMS[name]}\n1 / 0")
    assert (execution.status, execution.error_type) == ("error", "ZeroDivisionError")
    assert "1 / 0" in execution.error


ENDS = {"0": "ok", "256": "ok", "10**30": "error", "-2**63": "ok", "2**63": "error", "1": "error"}


@cases(ENDS)
def test_exit_status_is_that_of_a_program(attack, name):
    assert attack(f"sys.exit({name})").status == ENDS[name]


@everywhere
def test_arguments_are_those_of_a_script(attack):
    code = "import argparse; argparse.ArgumentParser().parse_args(); print(sys.argv)"
    assert attack(code).stdout_head == "['']\n"


BIG_IMAGES = """
import base64, os, struct, zlib
def noise(side):
    rows = b''.join(b'\\0' + os.urandom(3 * side) for _ in range(side))
    chunks = ((b'IHDR', struct.pack('>IIBBBBB', side, side, 8, 2, 0, 0, 0)),
              (b'IDAT', zlib.compress(rows, 0)), (b'IEND', b''))
    return b'\\x89PNG\\r\\n\\x1a\\n' + b''.join(struct.pack('>I', len(body)) + name + body +
        struct.pack('>I', zlib.crc32(name + body)) for name, body in chunks)
"""


@everywhere
@pytest.mark.slow
def test_many_big_images_are_all_there(attack):
    code = "for _ in range(32): publish({'image/png': base64.b64encode(noise(840)).decode()})"
    execution = attack(SAY + BIG_IMAGES + code)
    assert (execution.status, len(execution.images)) == ("ok", 32)
    assert sum(map(len, execution.images)) > 64_000_000


@pytest.mark.parametrize("attack", ["A", "notebook"], indirect=True)
@pytest.mark.slow
@pytest.mark.parametrize("values", ["list(range(10**6))", "np.arange(10**6) * 1.5"])
def test_a_figure_of_a_million_points_is_drawn(attack, values):
    code = (
        f"import numpy as np, plotly.graph_objects as go\nvalues = {values}\n"
        "go.Figure(go.Scattergl(x=values, y=values, mode='markers', name='\\u00e9')).show()"
    )
    execution = attack(code, timeout_s=120)
    assert (execution.status, len(execution.images)) == ("ok", 1), execution.error_message
    assert '"points":1000000' in execution.facts
