import { VERSION_PROPERTY } from "../../../contracts/model-registry";
import { MODEL_VARIABLES } from "../../../contracts/serving-record";
import { jsonata } from "../asl";
import { step } from "../failures";
import { task } from "../tasks";
import { BY_PERSON } from "./approve";
import { MODEL } from "./names";
import { part, run } from "./variables";

const { modelSettings, plan, labelling, artefact, judged, modelPackage } = run;

/** JSONata for where labels come from: the registry takes letters, digits and a few signs, no JSON. */
const SOURCES = `(
  $list := $join($each(${labelling.sources}, function($rows, $source) { $source & '=' & $string($rows) }), ' ');
  $exists($list) and $list != '' ? $list : 'none'
)`;

/**
 * Enters every candidate into the model registry and makes its SageMaker model, promoted or not, so that any registered
 * version can be made to serve.
 */
export const registerPart = <Exit extends string>(exits: { readonly registered: Exit }) =>
  part(exits, {
    Register: step(
      "Register",
      task("aws-sdk:sagemaker:createModelPackage", {
        Arguments: jsonata(`{
          'ModelPackageGroupName': ${modelSettings.versions},
          'ModelPackageDescription': $substring(${judged.verdict} & ': ' & ${judged.reason}, 0, 1000),
          'InferenceSpecification': {
            'Containers': [{'Image': ${modelSettings.image}, 'ModelDataUrl': ${artefact}}],
            'SupportedContentTypes': ['text/csv'],
            'SupportedResponseMIMETypes': ['text/csv']
          },
          'ModelApprovalStatus': ${judged.verdict} != 'promote' ? 'Rejected'
            : ${BY_PERSON} ? 'PendingManualApproval' : 'Approved',
          'ModelMetrics': {'ModelQuality': {'Statistics': {
            'ContentType': 'application/json',
            'S3Uri': ${judged.evaluation}
          }}},
          'CustomerMetadataProperties': $merge([${judged.metrics}, {
            '${VERSION_PROPERTY}': ${plan.runId},
            'featureHash': ${plan.featureHash},
            'horizonDays': ${modelSettings.horizonDays},
            'verdict': ${judged.verdict},
            'champion': ${plan.champion.modelVersion},
            'data': ${plan.data.uri},
            'dataSha256': ${plan.data.sha256},
            'objects': $string(${plan.objects}),
            'bytes': $string(${plan.bytes}),
            'labelling': ${labelling.mode},
            'labels': $substring(${SOURCES}, 0, 256),
            'report': ${judged.report},
            'code': ${modelSettings.codeVersion}
          }])
        }`),
        Assign: { modelPackage: "{% $states.result.ModelPackageArn %}" },
        Next: "Create model",
      }),
    ),
    "Create model": step(
      "Create model",
      task("aws-sdk:sagemaker:createModel", {
        Arguments: jsonata(`$merge([${modelSettings.servedModel}, {
          'ModelName': ${MODEL},
          'PrimaryContainer': {
            'Image': ${modelSettings.image},
            'ModelDataUrl': ${artefact},
            'Environment': {
              '${MODEL_VARIABLES.modelVersion}': ${plan.runId},
              '${MODEL_VARIABLES.featureHash}': ${plan.featureHash},
              '${MODEL_VARIABLES.modelPackage}': ${modelPackage}
            }
          }
        }])`),
        Next: exits.registered,
      }),
    ),
  });
