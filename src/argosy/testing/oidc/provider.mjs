// A whole OpenID Connect provider on loopback: whoever comes is signed in at once, as the account that `login_hint` names.
// Configured by the JSON in OIDC_CONFIG; says `ready` on standard output, and ends with its standard input.
import { createServer } from "node:http";

const { Provider } = await import(process.env.OIDC_PROVIDER);
const given = JSON.parse(process.env.OIDC_CONFIG);

const provider = new Provider(given.issuer, {
  clients: given.clients,
  jwks: { keys: given.keys },
  claims: { openid: ["sub"], email: ["email"], profile: ["name"], groups: ["groups"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["only", "for", "tests"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true }, revocation: { enabled: true } },
  findAccount: (_, id) =>
    given.accounts[id] && { accountId: id, claims: () => ({ sub: id, ...given.accounts[id] }) },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  pkce: { required: () => true },
  ttl: { IdToken: given.seconds, AccessToken: 600, AuthorizationCode: 60, RefreshToken: 3600, Session: 3600, Interaction: 600, Grant: 3600 },
});

const answer = provider.callback();

createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  try {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (params.login_hint === "nobody") {
      const refused = { error: "access_denied", error_description: "<b>nobody</b> may not" };
      return await provider.interactionFinished(request, response, refused, { mergeWithLastSubmission: false });
    }
    if (prompt.name === "login") {
      const login = { accountId: params.login_hint ?? given.account };
      return await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    }
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const consent = { grantId: await grant.save() };
    return await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(given.port, "127.0.0.1", () => console.log("ready"));

process.stdin.resume().on("end", () => process.exit(0));
