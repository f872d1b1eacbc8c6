import { RUN_TOKEN } from "./gateway";

export const TOKEN = `ocg_${"T0k3n".repeat(9)}abc`;
export const SEAL = `seal${"Pa55".repeat(15)}`;
export const KEYS = {
  ANTHROPIC_API_KEY: `sk-ant-api03-${"a1".repeat(20)}`,
  OPENAI_API_KEY: `sk-proj-${"b2".repeat(20)}`,
  GEMINI_API_KEY: `AIza${"c3".repeat(17)}c`,
};
/** Whatever must not be seen in output, arguments or plain files. */
export const SECRETS = [TOKEN, RUN_TOKEN, SEAL, ...Object.values(KEYS)];

/** For a stack that does not serve the model of {@link CONFIG}. */
export const UNSERVED = { "accept-unserved": '["anthropic/claude-sonnet-4-6"]' };

/** As an operator has it: no `meta`, a list of models of his own. */
export const CONFIG = `{
  "gateway": {"mode": "local"},
  "models": {"providers": {"anthropic": {"baseUrl": "https://api.anthropic.com", "models": [{"id": "own", "name": "Own"}]}}},
  "agents": {"defaults": {"model": {"primary": "anthropic/claude-sonnet-4-6"}}}
}
`;
