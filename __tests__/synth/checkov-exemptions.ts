/**
 * Findings of checkov in production that we leave so: by check, the addresses and the reason. A finding that is not
 * here fails the test, and so does an entry without a finding.
 */
export const EXEMPTIONS: Readonly<Record<string, { readonly on: RegExp; readonly because: string }>> = {
  CKV_AWS_18: {
    on: /^storage aws_s3_bucket\./,
    because:
      "who reads objects is told by CloudTrail's data events, which an account turns on for all its buckets; server access logs are delivered late and with gaps",
  },
  CKV_AWS_115: {
    on: /^[\w-]+ aws_lambda_function\.(?!filter_|preprocess-|predict_)/,
    because: "what requests wait for reserves its part; the others share what is left, which the configuration counts",
  },
  CKV_AWS_116: {
    on: /^[\w-]+ aws_lambda_function\.(?!drift_)/,
    because: "these functions are called synchronously: the caller sees the failure and decides",
  },
  CKV_AWS_117: {
    on: /^[\w-]+ aws_lambda_function\./,
    because: "functions reach AWS services only, by IAM over TLS; a VPC would add endpoints to pay for and no boundary",
  },
  CKV_AWS_120: {
    on: /^api aws_api_gateway_stage\./,
    because: "predictions are of players and must not be kept in a cache",
  },
  CKV_AWS_144: {
    on: /^storage aws_s3_bucket\./,
    because:
      "player data stay in the region that the operator chose; what models are made of can be made again from operators' records",
  },
  CKV_AWS_173: {
    on: /^[\w-]+ aws_lambda_function\./,
    because:
      "variables hold names of resources, never a secret; Lambda encrypts them with its own key, and ours would be asked at every cold start",
  },
  CKV_AWS_225: {
    on: /^api aws_api_gateway_method_settings\./,
    because: "as CKV_AWS_120",
  },
  CKV_AWS_272: {
    on: /^[\w-]+ aws_lambda_function\./,
    because:
      "code comes from the artefact bucket that only deployments write; its hash is in Terraform's plan. Signing needs a profile of the account's owner",
  },
  CKV_AWS_285: {
    on: /^(step-functions|scoring) aws_sfn_state_machine\./,
    because: "executions keep their own history for 90 days; the log holds errors, without what states were given",
  },
  CKV_AWS_297: {
    on: /^[\w-]+ aws_scheduler_schedule\./,
    because: "a schedule holds the name of a model, which is no secret",
  },
  CKV2_AWS_4: {
    on: /^api aws_api_gateway_stage\./,
    because: "execution logs would hold request bodies, which are player data; the access log is on",
  },
  CKV2_AWS_29: {
    on: /^api aws_api_gateway_stage\./,
    because: "a web application firewall is the subject of a later issue",
  },
  CKV2_AWS_34: {
    on: /^sagemaker aws_ssm_parameter\./,
    because: "serving and last-run records hold versions and hashes; a SecureString would ask KMS in the request's way",
  },
  CKV2_AWS_51: {
    on: /^api aws_api_gateway_stage\./,
    because: "client certificates are the subject of a later issue",
  },
  CKV2_AWS_53: {
    on: /^api aws_api_gateway_method\.rest_(GET|PUT|POST)(labelling|players|reviews)/,
    because: "the function checks its parameters and its small body itself, and says what is wrong with them",
  },
  CKV2_AWS_62: {
    on: /^storage aws_s3_bucket\./,
    because: "nothing waits for an object: runs read what is there when they start",
  },
};
