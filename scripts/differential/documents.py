"""Small resources of odd pieces of YAML, from all of which a grammar takes by chance; `r.mild` is how seldom."""
PLAIN = "a b-c 1 0x1F 0o17 0644 08 1_000 +1 -0 1.5 .5 1. 1e3 1E+2 .inf -.INF .nan ~ null Null true Yes no on off y n 2001-12-15 2001-12-15T10:11:12Z 1:30 12:30:45 << = - -- --- a:b a#b :a ?a -a !a &a *a %a @a `a |a >a a,b [a {a a] a} 0b11 0x 1e 1__0 _1 1_ +.5 0.0 -0.0 1e400 12345678901234567890 99999999999999999999999 123456789.123456789 é 日本 🚀 a\u00a0b a\ufeffb a\u200bb nil undefined NaN inf Inf TRUE FALSE False".split(' ')
DQ = ['\\n', '\\t', '\\\\', '\\"', '\\x41', '\\u00e9', '\\U0001F680', '\\0', '\\e', '\\_', '\\N', '\\L', '\\/', ' ', '  ', 'a', ':', '#', "'", '\n', '\n ', ' \n  ', '\\\n', '\t', 'x: y', '- z', '\\ud83d', '\u2028', '\u0085', '{', ',']
SQ = ["''", 'a', ' ', ':', '#', '"', '\\', '\n', '\n ', ' \n\n ', '\t', ',', '\u2028']
LINES = ['a', ' a', '  a', '', ' ', '\ta', 'a ', 'a\tb', '# a', '- a', 'a: b', 'é', '🚀', '---', "'", '"', '%', 'a' * 90, 'word ' * 20, '\u2028x', 'x\u0085y']
COMMENT = ['', '', '', '', ' # c', '  #c', '\t# c', ' #', '#c']
MILD = 'a b-c 1 0644 1.5 1e3 ~ null true yes on 2001-12-15 1:30 a:b a#b :a ?a -a é 日本 🚀 0x1F 1_000 0o17 .5 12345678901234567890 12345.678 y n off'.split(' ')
MLINES = ['a', ' a', '  a', '', 'a b', '# a', '- a', 'a: b', 'é', 'word ' * 20 + 'x', 'a  ', '\ta']
def COM(r): return r.choice(COMMENT) if r.random() > r.mild else r.choice(['', '', '', ' # c'])
def scalar(r, ind, flow=False):
    if r.random() < r.mild:
        k = r.randrange(8)
        if k < 3: return r.choice(MILD)
        if k == 3: return '"' + ''.join(r.choice(DQ[:9] + [' ', 'a', 'b', ': ', '#', '\n  ', '\\\n  ']) for _ in range(r.randrange(6))) + '"'
        if k == 4: return "'" + ''.join(r.choice(["''", 'a', ' ', ': ', ' #', '"', '\\', '\n\n  ', 'b']) for _ in range(r.randrange(6))) + "'"
        if k == 5: return ' '.join(r.choice(['a', 'bb', 'word', '1', 'é', 'it\'s', 'a:b', 'x#y', '"q"']) for _ in range(r.choice([2, 3, 25, 40])))
        if k == 6: return ('\n' + ' ' * (ind + 2)).join(r.choice(['a', 'b c', '1', '\n' + ' ' * (ind + 2) + 'd']) for _ in range(r.randrange(1, 4)))
        if not flow:
            h = r.choice('|>') + r.choice(['', '', '', '+', '-', '2', '1-']) + r.choice(['', '', ' # c'])
            base = ' ' * (ind + 2)
            return h + ''.join('\n' + (base if x else '') + x for x in (r.choice(MLINES) for _ in range(r.randrange(6))))
    k = r.randrange(10)
    if k < 4: return r.choice(PLAIN)
    if k == 4: return '"' + ''.join(r.choice(DQ) for _ in range(r.randrange(5))) + '"'
    if k == 5: return "'" + ''.join(r.choice(SQ) for _ in range(r.randrange(5))) + "'"
    if k == 6: return ' '.join(r.choice(PLAIN) for _ in range(r.choice([2, 3, 3, 30])))
    if k == 7: return ('\n' + ' ' * (ind + r.choice([0, 1, 2, 2, 2]))).join(r.choice(PLAIN) for _ in range(r.randrange(1, 4)))
    if k == 8 and not flow:
        h = r.choice('|>') + r.choice(['', '', '', '+', '-', '2', '1-', '-2', '+1']) + COM(r)
        base = ' ' * (ind + r.choice([2, 2, 2, 1, 3, 0]))
        return h + ''.join('\n' + (base if x or r.random() < .3 else '') + x for x in (r.choice(LINES) for _ in range(r.randrange(5))))
    if k == 9: return r.choice(['', '', '!!str 1', '!!int "1"', '!!float 1', '!!binary aGk=', '!!null ""', '! 1', '!x y', '!!timestamp 2001-01-01', '&x a', '*x', '&x', '!!str', '!!bool "true"', '!<tag:yaml.org,2002:str> 1', '!!merge <<', '!!set {a}'])
    return r.choice(PLAIN)
def key(r):
    return r.choice(['a', 'b', 'c', 'd', 'e1', 'e10', 'e9', '"q"', "'s t'", 'A', '_u', '1', 'y', 'true', '~', 'null', '<<', '? a\n', '"a\\nb"', 'a b', 'x/y', '.z', '-k', '2001-01-01', '1.5', '[a]', '*x', '&x k', '!!str k', 'é', 'k' * 130]) if r.random() < .35 * (1 - r.mild) else r.choice('abcdefgh') + r.choice(['', '1', '2', '-x'])
def flow(r, ind, d):
    sp = lambda: r.choice(['', ' ']) if r.random() < r.mild else r.choice(['', '', ' ', ' ', '\n' + ' ' * (ind + 1), '\n', ' # c\n ', '\t'])
    if d <= 0 or r.random() < .4: return scalar(r, ind, True)
    if r.random() < .5: return '[' + ','.join(sp() + flow(r, ind, d - 1) + sp() for _ in range(r.randrange(4))) + r.choice(['', '', '', ',']) + ']'
    return '{' + ','.join(sp() + r.choice([key(r) + r.choice([': ', ':', ' : ', '']) + flow(r, ind, d - 1), flow(r, ind, 0)] if r.random() < .2 else [key(r) + ': ' + flow(r, ind, d - 1)]) + sp() for _ in range(r.randrange(4))) + '}'
def block(r, ind, d):
    """Lines that start at column ind; first line without indentation."""
    pad = '\n' + ' ' * ind
    def gap(): return r.choice([''] * 12 + ['\n', pad + '# h', '\n' + pad + '# h', '\n\n']) if r.random() < r.mild else r.choice([''] * 12 + ['\n', pad + '# h', '\n# h', '\n\n' + pad + '# h\n', '\n  # f', '\n\t', '\n \n'])
    def val(seq):
        x = r.random()
        if d <= 0 or x < .5: return ' ' + scalar(r, ind) + COM(r)
        if x < .6: return ' ' + flow(r, ind, 2) + COM(r)
        pre = '' if r.random() < r.mild else r.choice([''] * 8 + [' &x', ' !!map', ' !!seq', ' # c', ' &y # c'])
        n = ind + (2 if r.random() < r.mild else r.choice([2, 2, 2, 4, 1]))
        if x < .7 and not seq: n = ind; return pre + gap() + '\n' + ' ' * n + sequence(r, n, d - 1)
        if seq and pre == '': return ' ' * (n - ind - 1 or 1) + block(r, ind + max(2, n - ind), d - 1) if n - ind >= 2 else ' ' + block(r, ind + 2, d - 1)
        return pre + gap() + '\n' + ' ' * n + block(r, n, d - 1)
    def mapping(): return (pad).join(gap().lstrip('\n ') * 0 + key(r) + (':' if r.random() < r.mild else r.choice([':', ':', ':', ':', ' :', ':\t'])) + val(False) + gap() for _ in range(r.randrange(1, 5)))
    if r.random() < .65: return mapping()
    return sequence(r, ind, d)
def sequence(r, ind, d):
    pad = '\n' + ' ' * ind
    out = []
    for _ in range(r.randrange(1, 4)):
        x = r.random()
        if d > 0 and x < .5: out.append('- ' + block(r, ind + 2, d - 1))
        else: out.append('-' + (r.choice(' ') if r.random() < r.mild else r.choice([' ', ' ', '  ', '\t', ''])) + r.choice([scalar(r, ind), flow(r, ind, 2)]) + COM(r))
    return pad.join(out)
def case(r):
    r.mild = r.choice([0, .5, .9, .98, .98, 1, 1])
    d = r.randrange(1, 4)
    mode = r.randrange(5)
    head = 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: n\n'
    if mode == 4 and r.random() < .5:
        body = 'kind: Kustomization\n' + r.choice(['namePrefix: ', 'commonLabels:\n  ', 'commonAnnotations:\n  ', 'images:\n- ', 'configMapGenerator:\n- name: x\n  literals:\n  - ', 'patches:\n- target: {kind: Foo}\n  patch: |\n    - op: add\n      path: /x\n      value: ', 'nameSuffix: ', 'labels:\n- pairs:\n    ', 'namespace: '])
        body += scalar(r, 2) if body.endswith(' ') and not body.endswith('  ') and not body.endswith('- ') else key(r) + ': ' + scalar(r, 4)
        if 'patch: |' in body: body = body.replace('\n', '\n').split('value: ')[0] + 'value: ' + body.split('value: ', 1)[1].replace('\n', '\n      ')
        return {'kustomization.yaml': body + '\nresources: [r.yaml]\n', 'r.yaml': head}
    docs = []
    for i in range(r.choice([1, 1, 1, 2])):
        docs.append(head.replace('name: n', f'name: n{i}') + r.choice(['', 'spec:\n  ']) + '')
        s = docs[-1]
        docs[-1] = s + (block(r, 2, d) if s.endswith('  ') else block(r, 0, d)) + r.choice(['\n', '\n', '\n', '', '\n\n', '\n# end\n', '\n...\n', '\n---\n', '\r\n'])
    sep = r.choice(['---\n', '---\n', '--- # c\n', '---  \n', '\n---\n', '---\r\n'])
    text = sep.join(docs)
    if r.random() < .04: text = text.replace('\n', '\r\n')
    if r.random() < .02: text = '\ufeff' + text
    if r.random() < .03: text = r.choice(['%YAML 1.1\n---\n', '---\n', '# c\n---\n', '\n\n', '--- !!map\n', '...\n']) + text
    return {'kustomization.yaml': 'resources: [r.yaml]\n' + r.choice(['', '', '', 'commonAnnotations: {z: z}\n', 'namePrefix: p-\n', 'patches:\n- target: {kind: Foo}\n  patch: "[{op: add, path: /zz, value: 1}]"\n', 'patches:\n- patch: "{apiVersion: v1, kind: Foo, metadata: {name: n0}, zz: 1}"\n']), 'r.yaml': text}
