import { run } from "../../../scripts/lib/run";
import { findProgram } from "../../../scripts/setup/programs";
import { prepareSystemPackages } from "../../../scripts/setup/system-packages";

jest.mock("../../../scripts/lib/run");
jest.mock("../../../scripts/setup/programs");

const runs = jest.mocked(run);
const note = () => {};

function machineHas(has: (program: string) => boolean): void {
  jest.mocked(findProgram).mockImplementation((name) => (has(name) ? `/usr/bin/${name}` : undefined));
}

beforeEach(() => {
  jest.restoreAllMocks();
  runs.mockClear();
  jest.spyOn(process, "getuid").mockReturnValue(1000);
});

test("where everything is there nothing is run", async () => {
  machineHas(() => true);
  await prepareSystemPackages(false, note);
  expect(runs).not.toHaveBeenCalled();
});

test("a user who may not install gets every missing program and one command, and nothing is done", async () => {
  machineHas((program) => program === "tar");
  const refusal = await prepareSystemPackages(false, note).catch((error: Error) => error.message);
  for (const name of [
    "docker",
    "dockerd",
    "containerd",
    "runc",
    "sshd",
    "ssh-keygen",
    "busybox",
    "openssl",
  ]) {
    expect(refusal).toMatch(new RegExp(`^  ${name} \\(`, "m"));
  }
  expect(refusal).toContain(
    "sudo apt-get install --no-install-recommends busybox-static docker.io openssh-client openssh-server openssl",
  );
  expect(refusal).not.toContain("tar (");
  expect(runs).not.toHaveBeenCalled();
});

test("with a Docker daemon that answers no engine is asked for", async () => {
  machineHas((program) => !["dockerd", "containerd", "runc"].includes(program));
  await expect(prepareSystemPackages(true, note)).resolves.toBeUndefined();
  await expect(prepareSystemPackages(false, note)).rejects.toThrow("dockerd (Docker Engine)");
});
