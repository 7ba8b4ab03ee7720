"""`runbooks` as people and scripts use it."""

import json

from msp_ops.cli import complete
from tests.files.cast import SCRIPT, spoil, write, write_runbook
from tests.files.test_language import SCRIPTS, WHOLE


def a_new_one(msp_ops, *more):
    return msp_ops("runbooks", "new", "fix-printer", "--activity", "break/fix", *more)


def test_the_list_shows_grades_and_finds_by_symptom_the_best_first(msp_ops):
    lines = msp_ops("runbooks", "list", "the", "servcie", "is", "down").stdout.splitlines()
    assert lines[0].split() == ["runbook", "for", "impact", "grade", "title"]
    assert lines[1].split()[:1] == ["fix-service"]
    assert lines[1].split()[3] in {"silver", "gold"}


def test_the_list_is_json_with_grade_and_what_is_missing(msp_ops):
    found, *_ = json.loads(msp_ops("runbooks", "list", "dsik full", "--json").stdout)
    assert (found["id"], found["grade"] in {"silver", "gold"}) == ("fix-disk-full", True)
    assert {each["proves"] for each in found["rehearsals"]} >= {"success", "already-fine", "cut-half-way"}


def test_one_is_shown_with_its_rehearsals_and_what_the_next_grade_needs(msp_ops):
    a_new_one(msp_ops)
    shown = msp_ops("runbooks", "show", "fix-printer").stdout
    assert "Grade: bronze" in shown
    assert "silver needs: a rehearsal that proves failing-step" in shown


def test_one_is_shown_with_all_that_it_wants_and_does_step_by_step(msp_ops, sample):
    write(sample / "runbooks/_shared/words.sh", SCRIPT)
    write(sample / "runbooks/fix-web/harden.yml", "[]\n")
    write_runbook(sample / "runbooks/fix-web", WHOLE, SCRIPTS)
    done = msp_ops("runbooks", "show", "fix-web")
    lines = done.stdout.splitlines()
    for told in (
        "Risk: R2, a service feels it",
        "Expected: 2m",
        "Platforms: debian, rhel, suse",
        "Ticket: required",
        "            text that matches [A-Za-z0-9@_.:-]+; required",
        "            text that matches [a-z@.-]+; may be given several times; default: php-fpm",
        "            choice: one of restart, reload; default: restart",
        "            int: a whole number from 1 to 65535; default: 443",
        "            bool: yes or no; default: no",
        "            duration: a length of time such as 90s, 26h or 14d, 1h at most; default: 10s",
        "            size: a size such as 512MiB or 20GiB, 512MiB or more; default: 2GiB",
        "            host: the id of a host of the same client; required",
        "  preview   preview  (script preview.sh, looks, as root, within 1m)",
        "  evidence  failed-units  (check failed-units, within 30s)",
        "  step      the standby serves  (wait standby-serves.sh every 5s, as root, within 2m)",
        "  step      fetch its pages  (script fetch.sh, changes, 5 tries, as root, within 10m)",
        "  step      harden it  (playbook harden.yml, changes, within 20m)",
        "  step      say who cares for it  (module ansible.builtin.lineinfile, changes, as root, within 10m)",
        "  step      has it settled  (script settle.sh, looks, as root, within 10m)",
        "  step      restart  (reboot as --reboot says, within 15m)",
        "            when role web; deep is yes; unless platform container and 'disk' clear",
        "            when platform rhel; 'bring it back' changed",
        "  undo      bring the old configuration back  (script undo.sh, changes, as root, within 10m)",
        "Fails on: a finding of severity critical or worse",
    ):
        assert told in lines, done.stdout
    assert any(
        "a person is asked: The server keeps its caches for hours. Empty them now?, within 4h" in x for x in lines
    )
    assert (lines[-1][:8], done.stdout[-1], done.stderr[:5]) == ("Digest: ", "\n", "Next:")


def test_the_same_is_told_to_scripts(msp_ops):
    told = json.loads(msp_ops("runbooks", "show", "patch-linux", "--json").stdout)
    assert (told["risk"], told["expected"], told["ticket_needed"]) == ("R2", 600, "not needed")
    lowest = told["parameters"]["min-free"]
    assert (lowest["kind"], lowest["minimum"], lowest["maximum"], lowest["default"]) == ("int", 0, 1000000, 200)
    assert told["parameters"]["reboot"]["fits"] == "one of never, if-needed, always"
    assert told["steps"][0]["condition"]["platform"][0] == "debian"
    assert (told["steps"][0]["timeout"], told["steps"][0]["run_as"]) == (3600, "root")


def test_what_it_shares_with_others_is_shown_and_a_wrong_name_is_found_where_it_stands(msp_ops, sample):
    assert "Uses what runbooks share: report, packages, waiting" in msp_ops("runbooks", "show", "patch-scan").stdout
    a_new_one(msp_ops)
    path = sample / "runbooks/fix-printer/runbook.yaml"
    path.write_text(f"{path.read_text()}uses: [report]\n")
    done = msp_ops("runbooks", "validate", str(path.parent))
    assert done.returncode == 3
    line = len(path.read_text().splitlines())
    assert f"runbook.yaml:{line}:8: there is no file 'report.sh' in " in done.stderr


def test_a_new_one_is_sound_and_green_at_once(msp_ops, sample):
    done = a_new_one(msp_ops, "--title", "Bring a printer back")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Next: msp-ops runbooks rehearse fix-printer" in done.stderr
    assert msp_ops("runbooks", "validate").returncode == 0
    done = msp_ops("runbooks", "rehearse", "fix-printer")
    assert (done.returncode, "1 rehearsals, all green." in done.stderr) == (0, True)


def test_what_a_new_one_is_for_is_asked_on_a_terminal_until_it_is_said(on_a_terminal, sample):
    answers = (("break/fix", "helth"), ("did you mean 'health'?", "health"))
    code, shown = on_a_terminal(["runbooks", "new", "look-printer"], *answers)
    assert (code, "What is look-printer for?" in shown) == (0, True)
    assert "activity: health" in (sample / "runbooks/look-printer/runbook.yaml").read_text()
    code, shown = on_a_terminal(["runbooks", "new", "look-again"], ("break/fix", ""))
    assert (code, "nothing was chosen; nothing was done" in shown) == (4, True)
    assert not (sample / "runbooks/look-again").exists()


def test_without_a_terminal_a_new_one_says_what_is_missing_in_one_error(msp_ops):
    done = msp_ops("runbooks", "new", "look-printer")
    missing = "what is look-printer for? add --activity and one of patching, backup, health, break/fix"
    example = "msp-ops runbooks new look-printer --activity patching"
    assert (done.returncode, done.stderr) == (2, f"Error: {missing}, such as: {example}\n")


def test_a_new_one_overwrites_nothing(msp_ops):
    a_new_one(msp_ops)
    again = a_new_one(msp_ops)
    assert again.returncode == 3
    assert "there is a runbook 'fix-printer' already" in again.stderr


def test_a_red_rehearsal_is_told_with_its_difference_and_ends_with_1(msp_ops, sample):
    a_new_one(msp_ops)
    path = sample / "runbooks" / "fix-printer" / "rehearsals" / "success.yaml"
    write(path, spoil(path.read_text(), "changed: [", "changed: [nothing, "))
    done = msp_ops("runbooks", "rehearse", "fix-printer")
    assert done.returncode == 1
    assert done.stdout.startswith("fix-printer  no grade while a rehearsal is red\n")
    assert "needs:" not in done.stdout
    assert "red    success       success: It works" in done.stdout
    assert "changed: expected 'nothing', reported was '/run/fix-printer.example made'" in done.stdout
    (told,) = json.loads(msp_ops("runbooks", "rehearse", "fix-printer", "--json").stdout)
    assert (told["green"], len(told["differences"])) == (False, 2)


def test_what_was_never_rehearsed_is_not_green(msp_ops, sample):
    a_new_one(msp_ops)
    (sample / "runbooks" / "fix-printer" / "rehearsals" / "success.yaml").unlink()
    done = msp_ops("runbooks", "rehearse", "fix-printer")
    assert (done.returncode, "not rehearsed" in done.stdout) == (1, True)
    assert "green" not in done.stderr


def test_of_a_rehearsal_that_cannot_be_read_nobody_hears_that_all_is_green(msp_ops, sample):
    a_new_one(msp_ops)
    path = sample / "runbooks" / "fix-printer" / "rehearsals" / "success.yaml"
    write(path, spoil(path.read_text(), "proves: success", "proves: sucess"))
    done = msp_ops("runbooks", "rehearse", "fix-printer")
    assert (done.returncode, "0 rehearsals, 1 cannot be read." in done.stderr) == (3, True)
    assert ("green" in done.stderr, "has none" in done.stdout) == (False, False)


def test_a_report_that_can_be_forged_is_told_by_validate(msp_ops, sample):
    a_new_one(msp_ops)
    path = sample / "runbooks" / "fix-printer" / "fix.sh"
    write(path, path.read_text() + 'echo "msp: why $wanted"\n')
    done = msp_ops("runbooks", "validate")
    last = len(path.read_text().splitlines())
    assert (done.returncode, f"fix.sh:{last}:1: echo turns" in done.stderr) == (3, True)


def test_all_mistakes_are_told_at_once(msp_ops, sample):
    a_new_one(msp_ops)
    folder = sample / "runbooks" / "fix-printer"
    write(folder / "rehearsals" / "a.yaml", "title: x\nproves: sucess\nexpect: {outcome: succeeded}\n")
    write(folder / "rehearsals" / "b.yaml", "title: x\nproves: success\nsays: {fx: {}}\nexpect: {outcome: succeeded}\n")
    write(sample / "runbooks" / "broken" / "runbook.yaml", "title: x\n")
    for words in (("validate",), ("validate", str(sample / "runbooks")), ("rehearse",)):
        done = msp_ops("runbooks", *words)
        assert done.returncode == 3, words
        for told in (
            "a.yaml:2:9: proves: 'sucess'",
            "b.yaml:3:8: fix-printer has no step 'fx'; ",
            "broken/runbook.yaml",
        ):
            assert told in done.stderr, words
    assert "Some rehearsals have mistakes" in msp_ops("runbooks", "list").stderr
    mistakes = json.loads(msp_ops("runbooks", "validate", "--json").stdout)["mistakes"]
    assert len(mistakes) == 3


def test_a_folder_without_a_runbook_is_told(msp_ops, tmp_path):
    done = msp_ops("runbooks", "validate", str(tmp_path))
    assert (done.returncode, "there is no runbook.yaml" in done.stderr) == (3, True)


def test_a_folder_is_validated_where_there_is_no_workspace(msp_ops, sample, tmp_path):
    a_new_one(msp_ops)
    folder = str(sample / "runbooks" / "fix-printer")
    done = msp_ops("runbooks", "validate", folder, environment={"MSP_OPS_WORKSPACE": str(tmp_path / "nowhere")})
    assert done.returncode == 0


def test_a_misspelt_runbook_is_told_what_was_meant(msp_ops):
    done = msp_ops("runbooks", "rehearse", "fix-servic")
    assert (done.returncode, "did you mean 'fix-service'?" in done.stderr) == (2, True)


def test_a_run_that_proves_nothing_is_refused(msp_ops, past_run):
    run = past_run()
    done = msp_ops("runbooks", "prove", run.id)
    assert done.returncode == 2
    assert "there is no runbook 'audit'" in done.stderr


def test_ids_are_completed(monkeypatch, sample):
    monkeypatch.setenv("MSP_OPS_WORKSPACE", str(sample))
    assert "fix-service" in complete.runbooks("fix-s")
    assert "fix-disk-full" not in complete.runbooks("fix-s")
    monkeypatch.setenv("MSP_OPS_WORKSPACE", str(sample / "nowhere"))
    assert list(complete.runbooks("fix-")) == []
