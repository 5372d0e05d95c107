import type { FunctionName } from "./functions";

/** Start of the paths of the routes for labellers. */
export const LABELLING = "labelling";
/** Start of the paths of the routes for reviewers. */
export const REVIEWS = "reviews";

interface Route {
  readonly method: "GET" | "POST" | "PUT";
  /** Without a slash in front; `{name}` takes a parameter. */
  readonly path: string;
  /** The function that answers. */
  readonly by: FunctionName;
  /** Names of the parameters that a query may have. */
  readonly query?: readonly string[];
  /** Name of the schema of its body that API Gateway holds requests to. */
  readonly request?: string;
  /** Name of the schema of its body that API Gateway publishes; the function checks it, and says what is wrong where. */
  readonly publishes?: string;
}

const PLAYER = "players/{playerId}";

/** Routes of the API, by what they are for. API Gateway gets them, and functions answer them. */
export const ROUTES = {
  predict: { method: "POST", path: "predictions", by: "filter", request: "batch" },
  listTasks: { method: "GET", path: `${LABELLING}/tasks`, by: "labelling" },
  answerTask: { method: "PUT", path: `${LABELLING}/tasks/{task}/answer`, by: "labelling" },
  showProgress: { method: "GET", path: `${LABELLING}/progress`, by: "labelling" },
  showRestrictions: { method: "GET", path: `${PLAYER}/restrictions`, by: "players", query: ["operator"] },
  showPlayer: { method: "GET", path: PLAYER, by: "players", query: ["operator"] },
  listPlayers: {
    method: "GET",
    path: "players",
    by: "players",
    query: ["operator", "changedSince", "group", "limit", "after"],
  },
  showHistory: { method: "GET", path: `${PLAYER}/history`, by: "players", query: ["operator", "limit", "after"] },
  contest: { method: "POST", path: `${PLAYER}/contest`, by: "players", query: ["operator"], publishes: "contest" },
  declare: {
    method: "PUT",
    path: `${PLAYER}/declaration`,
    by: "players",
    query: ["operator"],
    publishes: "declaration",
  },
  listReviews: { method: "GET", path: REVIEWS, by: "reviews", query: ["limit", "after"] },
  showReview: { method: "GET", path: `${REVIEWS}/{review}`, by: "reviews" },
  decideReview: { method: "PUT", path: `${REVIEWS}/{review}`, by: "reviews", publishes: "decision" },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof ROUTES;

/** Names of the parameters that a route's query may have. */
export const queryNames = (name: RouteName): readonly string[] => {
  const route: Route = ROUTES[name];
  return route.query ?? [];
};

/** Names of the routes that a function answers. */
export type RoutesOf<F extends FunctionName> = {
  [N in RouteName]: (typeof ROUTES)[N]["by"] extends F ? N : never;
}[RouteName];
