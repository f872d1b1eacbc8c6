/** Whether a container has our variables. An operator may have a run token of his own. */
export function isOurs(environment: NodeJS.ProcessEnv): boolean {
  return (
    "AI_GATEWAY_WORKER_URL" in environment || environment.CLOUDFLARE_AIG_TOKEN?.startsWith("ourrun_") === true
  );
}
