/** Start of the paths of the routes for labellers. */
export const LABELLING = "labelling";

/** Routes of the API, by what they are for; `{name}` takes a parameter. API Gateway gets them, and functions answer them. */
export const ROUTES = {
  predict: { method: "POST", path: "predictions" },
  listTasks: { method: "GET", path: `${LABELLING}/tasks` },
  answerTask: { method: "PUT", path: `${LABELLING}/tasks/{task}/answer` },
  showProgress: { method: "GET", path: `${LABELLING}/progress` },
} as const;

export type RouteName = keyof typeof ROUTES;
