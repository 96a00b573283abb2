// Calls to our own server. The session lives here and nowhere else.

import { initData } from "./bridge.js";

let token = "";

/// A refusal: `status`, what to show, and problems by field.
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? "");
    this.status = status;
    this.kind = String(problem.type ?? "").split(":").at(-1);
    this.problems = problem.problems ?? [];
  }
}

const call = async (method, path, body, headers = {}) => {
  const options = { method, headers: { ...headers }, credentials: "omit", cache: "no-store" };
  if (token) options.headers.Authorization = "Bearer " + token;
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch("/api/v1" + path, options);
  } catch {
    throw new Refusal(0, {});
  }
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, said);
  return said;
};

/// Begins a session; answers the person's language.
export const begin = async () => {
  token = "";
  const session = await call("POST", "/session", { init_data: initData });
  token = session.token;
  return session;
};

/// Asks within the session. One that is over is begun again, once.
export const ask = async (method, path, body, headers) => {
  try {
    return await call(method, path, body, headers);
  } catch (refusal) {
    if (refusal.status !== 401 || !initData) throw refusal;
    await begin();
    return call(method, path, body, headers);
  }
};

/// Whether there is a session: without one the app can only send data to the bot.
export const hasSession = () => token !== "";

/// A name for something that is to be made once.
export const newKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
