import { findProgram } from "./programs";

/** Absolute path of the OpenSSH server; sshd refuses to start by a relative one. */
export function findSshd(): string {
  const sshd = findProgram("sshd");
  if (sshd === undefined) {
    throw new Error(
      "sshd was not found on PATH or in /usr/sbin. Install it with: apt-get install openssh-server",
    );
  }
  return sshd;
}
