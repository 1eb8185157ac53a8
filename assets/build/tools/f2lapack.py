"""f2lapack.py LAPACK_SOURCE OUT: translates LAPACK's Fortran to C with f2c, in the guest's
conventions.

f2c reads Fortran 77. Newer features that LAPACK uses are rewritten before (RECURSIVE, EXIT and
CYCLE, .F conditionals, attributes, generic intrinsics of double complex). The output of f2c is
changed after: subroutines return void (wasm calls are typed, so all declarations must agree), the
hidden lengths of CHARACTER arguments are removed (the length of a CHARACTER*(*) argument is found
with strlen), and name__ becomes name_. Routines that are Fortran 90 in LAPACK (lartg, lassq) or
return machine parameters (lamch) are in lapack/extra.c."""
import concurrent.futures
import os
import re
import subprocess
import sys

SOURCE, OUT = sys.argv[1:3]
SKIP = re.compile("|".join((
    # in extra.c
    r"[sdcz]lartg", r"[sdcz]lassq", "xerbla", "xerbla_array", "chla_transtype", "lsame", "[sd]lamch",
    # modules, and dynamic mode decomposition, in Fortran 90
    ".?.?(la_constants|la_xisnan)", ".*gedmdq?",
    # extra-precise routines, which need the XBLAS
    "[sdcz](ge|gb|po|sy|he)(svxx|rfsx)", "[sdcz]la_.*",
    # more Fortran 90 (CEILING, EXPONENT, assumed shapes); neither numpy nor scipy uses them
    "[sdcz](laqz[0-4]|gg(es|ev)3|trsyl3|getsqrhrt|sytrd_sb2st|hetrd_hb2st|bdsvdx|gesvdx)")))
TYPES = r"INTEGER|LOGICAL|CHARACTER|REAL|COMPLEX|DOUBLE PRECISION|COMPLEX\*16"
# f2c's run-time functions on text, which keep their length arguments.
TEXT_FUNCTION = re.compile(r"\b(s_cat|s_copy|s_cmp|i_len|i_indx)\(")


def drop_openmp(text):
    """Drops the OpenMP code: .F files have no conditionals but #if defined(_OPENMP) ... #else ...
    #endif."""
    out, active = [], [True]
    for line in text.splitlines():
        if line.startswith("#if"):
            active.append(False)
        elif line.startswith("#else"):
            active[-1] = not active[-1]
        elif line.startswith("#endif"):
            active.pop()
        elif not line.startswith("#") and all(active):
            out.append(line)
    return "\n".join(out)


class Loop:
    """An open DO loop: the label that it ends at, if any, and the target labels of its CYCLE and
    EXIT."""

    def __init__(self, label, number):
        self.label, self.cycle, self.exit, self.used = label, number, number + 1, set()


def replace_jumps(lines):
    """Replaces CYCLE and EXIT with GO TO and new labels before and after the end of the loop."""
    out, open_loops, number = [], [], 90000
    for line in lines:
        do = re.match(r"(?i)^[ \d]{5} +(?:DO +(\d+) +\w+ *=|DO\b *(?:WHILE\b|\w+ *=|$))", line)
        if do:
            number += 2
            open_loops.append(Loop(do.group(1), number))
        jump = re.search(r"(?i)(?<![A-Z0-9_])(CYCLE|EXIT) *$", line)
        if jump and open_loops and "'" not in line:
            loop = open_loops[-1]
            label = loop.cycle if jump.group(1).upper() == "CYCLE" else loop.exit
            loop.used.add(label)
            line = f"{line[:jump.start()]}GO TO {label}"
        label = line[:5].strip()
        ends = open_loops and (open_loops[-1].label == label if label else not open_loops[-1].label and re.match(r"(?i)^ +END *DO *$", line))
        if not ends:
            out.append(line)
            continue
        loop = open_loops.pop()
        before = ["%5d CONTINUE" % loop.cycle] if loop.cycle in loop.used else []
        out += before + [line] + (["%5d CONTINUE" % loop.exit] if loop.exit in loop.used else [])
        # several loops may end at one label
        while label and open_loops and open_loops[-1].label == label:
            open_loops.pop()
    return out


def simplify(line, precision):
    """Returns a line of code without syntax unknown to f2c; precision is the letter of the
    routine."""
    double = precision in "dz"
    line = line[:72].rstrip()
    line = re.sub(r"(?i)\bRECURSIVE +(SUBROUTINE)", r"\1", line)
    line = re.sub(rf"(?i)^( +(?:{TYPES}))(?: *, *(?:INTENT *\([ A-Z]+\)|EXTERNAL))? *::", r"\1", line)
    line = re.sub(r"(?i), *(MAXLOC|HUGE)\b *(?=,|$)", "", line)
    line = re.sub(r"(?i)\bHUGE *\( *ZERO *\)", "1.7976931348623157D+308" if double else "3.402823466385288598E+38", line)
    line = re.sub(r"(?i)\bMAXLOC\( *WORK\( *(.+?):(.+?) *\), 1 *\)", r"I%sMXLC(\2-\1+1,WORK(\1))" % ("D" if double else "S"), line)
    # f2c would use single precision for generic functions of a double complex argument
    if precision == "z":
        for generic, specific in ((r"\bAIMAG\b", "DIMAG"), (r"\bCONJG\b", "DCONJG"), (r"\bREAL(?= *\()", "DBLE"), (r"\bCMPLX(?= *\()", "DCMPLX")):
            line = re.sub("(?i)" + generic, specific, line)
    return line


def fortran77(name, text):
    if name.endswith(".F"):
        text = drop_openmp(text)
    code = []
    for line in text.splitlines():
        if not line or line[0] in "*cC!":
            continue
        line = simplify(line, name[0])
        vector = re.match(r"^( +)(\w+)\(1:(\d)\) = 0$", line)
        code += [f"{vector[1]}{vector[2]}({k + 1}) = 0" for k in range(int(vector[3]))] if vector else [line]
    return "\n".join(replace_jumps(code)) + "\n"


def closing_index(text, at):
    """Returns the index after the parenthesis that closes the one just before at."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at


def protect_lengths(text):
    """Renames the lengths in calls of text functions, so that remove_lengths keeps them."""
    out, at = [], 0
    for m in TEXT_FUNCTION.finditer(text):
        if m.start() >= at:
            end = closing_index(text, m.end())
            out += [text[at:m.start()], text[m.start():end].replace("ftnlen", "FTNLEN").replace("_len", "_LEN")]
            at = end
    return "".join(out) + text[at:]


def remove_lengths(text, routine):
    """Removes hidden length arguments from declarations and calls.

    A length that the routine uses is computed at its beginning."""
    text = protect_lengths(text)
    lengths = re.findall(r",\s*ftnlen\s+(\w+)_len\b", text)
    declared, named, passed = r",\s*ftnlen\s+\w+_len\b", r",\s*ftnlen\b(?=\s*[,)])", r",\s*\(\s*ftnlen\s*\)\s*\d+"
    for pattern in (declared, named, passed, *(rf",\s*{n}_len\b(?=\s*[,)])" for n in lengths)):
        text = re.sub(pattern, "", text)
    text = text.replace("FTNLEN", "ftnlen").replace("_LEN", "_len")
    used = [n for n in lengths if re.search(rf"\b{n}_len\b", text)]
    if used:
        at = text.index("{", re.search(rf"\b{re.escape(routine)}_\(", text).start()) + 1
        # f2c's name for an argument that C reserves
        argument = {n: n + "__" if re.search(rf"\bchar \*{n}__", text) else n for n in used}
        text = text[:at] + "\n    " + " ".join(f"ftnlen {n}_len = strlen({argument[n]});" for n in used) + text[at:]
    return text


def adapt_c(name, text):
    """Changes the output of f2c to the guest's conventions."""
    routine = name.split(".")[0]
    text = re.sub(r"/\*(?! Subroutine \*/).*?\*/", "", text, flags=re.S)
    text = re.sub(r"\b(\w*[a-z0-9]_\w*[a-z0-9])__(?=\()", r"\1_", text)
    subroutine = re.search(rf"^/\* Subroutine \*/\s+int\s+{re.escape(routine)}_\(", text, re.M)
    text = remove_lengths(text, routine)
    text = re.sub(r"/\* Subroutine \*/\s+int\b", "void", text)
    if subroutine:
        text = re.sub(r"\breturn 0;", "return;", text)
    return re.sub(r"\n\s*\n+", "\n", text)


def translate(path):
    """Writes the C file of a Fortran file; returns the errors of f2c, if any."""
    name = os.path.basename(path)
    with open(path, encoding="latin-1") as f:
        source = fortran77(name, f.read())
    run = subprocess.run(["f2c", "-a", "-A", "-R", "-w"], input=source, capture_output=True, text=True)
    if run.returncode:
        return name + ": " + "; ".join(x for x in run.stderr.splitlines() if x.startswith("Error"))
    with open(os.path.join(OUT, name.split(".")[0] + ".c"), "w") as f:
        f.write(adapt_c(name, run.stdout))
    return None


def main():
    names = sorted(f for f in os.listdir(SOURCE + "/SRC") if f.endswith((".f", ".F")))
    paths = [f"{SOURCE}/SRC/{f}" for f in names if not SKIP.fullmatch(f.split(".")[0])] + [SOURCE + "/INSTALL/ilaver.f"]
    with concurrent.futures.ThreadPoolExecutor(int(os.environ["JOBS"])) as pool:
        failures = [e for e in pool.map(translate, paths) if e]
    print(len(paths) - len(failures), "translated")
    sys.exit("\n".join(failures) or None)


main()
