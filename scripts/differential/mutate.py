"""Mutations of recorded inputs: lines go, move, repeat and get values of other lines or odd ones."""
import os, re

SCALARS = """~|null|true|yes|no|on|y|1|0|-1|0644|0o17|0x1F|1_000|1e3|1.0|1.5|.5|1.|.inf|.nan|2001-12-15|1:30|12345678901234567890|''|""|"1"|'true'|"null"|a b|a: b|[]|{}|[a]|{a: b}|*x|&x v|!!str 1|!!binary aGk=|!!int "3"|# c|v # c|'it''s'|"a\\nb"|"\\t"|- a|default|app|web|name|x-y|a,b|a/b|a~1b|$(X)|$$(X)|${X}|%|@a|`a|>-|\\||\\|+|>|é|🚀|"\\u2028"|test|Deployment|v1|apps/v1|"*"|.*|a.b|a=b|a!=b|nginx:1.2|nginx@sha256:abc|http://x|/|.|..|-|--|---|...|?|? a|: a|<<|=""".split('|')
SCALARS = [s for s in SCALARS if s != '\\'] + ['|', '|+', '|-', '>+']

KEY = re.compile(r'^(\s*(?:- )*)([^\s:#][^:]*):( +)(.*)$')

def lines_of(text):
    return text.split('\n')

def block(lines, i):
    ind = len(lines[i]) - len(lines[i].lstrip())
    j = i + 1
    while j < len(lines) and (not lines[j].strip() or len(lines[j]) - len(lines[j].lstrip()) > ind or (len(lines[j]) - len(lines[j].lstrip()) == ind and lines[j].lstrip().startswith('- ') and not lines[i].lstrip().startswith('- '))):
        j += 1
    return j

def mutate_text(rng, text, words, donor):
    lines = lines_of(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        nonempty = [k for k, l in enumerate(lines) if l.strip()]
        if not nonempty:
            return '\n'.join(lines)
        i = rng.choice(nonempty)
        op = rng.randrange(16)
        m = KEY.match(lines[i])
        if op == 0:
            del lines[i]
        elif op == 1:
            del lines[i:block(lines, i)]
        elif op == 2:
            lines.insert(i, lines[i])
        elif op == 3:
            j = block(lines, i); lines[j:j] = lines[i:j]
        elif op in (4, 5, 6) and m:
            lines[i] = m[1] + m[2] + ': ' + rng.choice(SCALARS)
        elif op in (7, 8) and m and words:
            lines[i] = m[1] + m[2] + ': ' + rng.choice(words)
        elif op == 9 and m and words:
            lines[i] = m[1] + rng.choice(words) + ':' + m[3] + m[4]
        elif op == 10:
            ks = [k for k in nonempty if KEY.match(lines[k])]
            if len(ks) > 1:
                a, b = rng.sample(ks, 2)
                x, y = KEY.match(lines[a]), KEY.match(lines[b])
                lines[a] = x[1] + x[2] + ': ' + y[4]
                lines[b] = y[1] + y[2] + ': ' + x[4]
        elif op == 11:
            lines[i] = lines[i] + rng.choice([' # c', ' ', '\t', '\r', ' x'])
        elif op == 12:
            lines.insert(i, rng.choice(['# c', '---', '', '  # c', '...', '--- # c', '---  ', '\t']))
        elif op == 13:
            lines[i] = rng.choice(['  ' + lines[i], lines[i][1:] if lines[i].startswith(' ') else lines[i], lines[i].replace('- ', '', 1)])
        elif op == 14 and donor:
            d = lines_of(rng.choice(donor))
            starts = [k for k, l in enumerate(d) if l and not l[0].isspace() and not l.startswith(('-', '#', '}'))]
            if starts:
                k = rng.choice(starts)
                lines += d[k:block(d, k)]
        elif op == 15:
            a, b = rng.choice(nonempty), rng.choice(nonempty)
            lines[a], lines[b] = lines[b], lines[a]
    return '\n'.join(lines)

def read_tree(root):
    files = {}
    for d, _, names in os.walk(root):
        for n in names:
            p = os.path.join(d, n)
            if os.path.islink(p):
                return None
            files[os.path.relpath(p, root)] = open(p, 'rb').read()
    return files

def mutate_case(rng, files, donors):
    files = dict(files)
    texts = {p: c.decode() for p, c in files.items() if is_text(c)}
    words = sorted({w for c in texts.values() for w in re.findall(r'[A-Za-z0-9][\w./:@-]*', c)})
    names = sorted(texts)
    if not names:
        return files
    for _ in range(rng.choice([1, 1, 1, 2])):
        p = rng.choice(names)
        r = rng.random()
        if r < .03:
            files.pop(p, None)
        else:
            kust = [p for p in names if os.path.basename(p).lower().startswith('kustomization')]
            if r < .4 and kust:
                p = rng.choice(kust)
            is_k = os.path.basename(p).lower().startswith('kustomization')
            texts[p] = mutate_text(rng, texts[p], words, donors if is_k else None)
            files[p] = texts[p].encode()
    return files

def is_text(c):
    try:
        c.decode(); return True
    except UnicodeDecodeError:
        return False
