/** Written by `tools/ui.py --types` from the OpenAPI document; change that, not this. */
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AdminLoginResponse: {
            idToken: string;
        };
        AnalysisArgument: {
            name: string;
            value?: string | null;
            valueFrom?: {
                [key: string]: unknown;
            } | null;
        };
        AnalysisRun: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["AnalysisRunSpec"];
            status?: components["schemas"]["AnalysisRunStatus"];
        };
        AnalysisRunArgument: {
            name: string;
            value: string;
        };
        AnalysisRunMetadata: {
            labels?: {
                [key: string]: string;
            };
            annotations?: {
                [key: string]: string;
            };
        };
        AnalysisRunReference: {
            namespace: string;
            name: string;
            phase: string;
        };
        AnalysisRunSpec: {
            metrics: components["schemas"]["Metric"][];
            args?: components["schemas"]["AnalysisArgument"][];
            /** @default false */
            terminate?: boolean;
            dryRun?: {
                [key: string]: unknown;
            }[];
            measurementRetention?: {
                [key: string]: unknown;
            }[];
            ttlStrategy?: {
                [key: string]: unknown;
            } | null;
        };
        AnalysisRunStatus: {
            phase?: string;
            message?: string;
            metricResults?: {
                [key: string]: unknown;
            }[];
            startedAt?: string | null;
            completedAt?: string | null;
            runSummary?: {
                [key: string]: unknown;
            } | null;
            dryRunSummary?: {
                [key: string]: unknown;
            } | null;
        };
        AnalysisTemplate: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["AnalysisTemplateSpec"];
        };
        AnalysisTemplateList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["AnalysisTemplate"][];
        };
        AnalysisTemplateReference: {
            name: string;
            kind?: ("AnalysisTemplate" | "ClusterAnalysisTemplate") | null;
        };
        AnalysisTemplateSpec: {
            metrics?: components["schemas"]["Metric"][];
            args?: components["schemas"]["AnalysisArgument"][];
            dryRun?: {
                [key: string]: unknown;
            }[];
            measurementRetention?: {
                [key: string]: unknown;
            }[];
            templates?: {
                [key: string]: unknown;
            }[];
        };
        ApprovedStage: {
            approvedAt?: string | null;
        };
        ArgoCDShard: {
            url: string;
            namespace: string;
        };
        ArtifactDifference: {
            artifact: components["schemas"]["ArtifactName"];
            left?: components["schemas"]["Side"] | null;
            right?: components["schemas"]["Side"] | null;
            same: boolean;
            newer?: string;
        };
        ArtifactName: {
            /** @enum {string} */
            kind: "image" | "git" | "chart" | "other";
            repoURL?: string;
            name?: string;
        };
        ArtifactReference: {
            artifactType?: string;
            subscriptionName: string;
            version: string;
            metadata?: unknown;
        };
        ArtifactoryConfig: {
            secretRef: components["schemas"]["LocalObjectReference"];
            virtualRepoName?: string;
        };
        AutoPromotionHold: {
            freightName: string;
            origin: components["schemas"]["FreightOrigin"];
            promotionName?: string;
            actor?: string;
            createdAt?: string | null;
        };
        AutoPromotionOptions: {
            selectionPolicy?: ("NewestFreight" | "MatchUpstream") | null;
        };
        AutoRollbackConfig: {
            onPromotion?: ("Failed" | "Errored")[];
            onVerification?: ("Failed" | "Error")[];
        };
        Candidate: {
            freight: string;
            alias?: string;
            origin?: components["schemas"]["FreightOrigin"] | null;
            discoveredAt?: string | null;
            commits?: components["schemas"]["GitCommit"][];
            images?: components["schemas"]["Image"][];
            charts?: components["schemas"]["Chart"][];
            artifacts?: components["schemas"]["ArtifactReference"][];
            available: boolean;
            reasons?: components["schemas"]["Reason"][];
            /** @default false */
            automatic?: boolean;
            automaticReasons?: components["schemas"]["Reason"][];
        };
        Cell: {
            project: string;
            stage: string;
            version: string;
            freight: string;
            alias?: string;
            behind?: number | null;
            /** @default false */
            atLeast?: boolean;
            health?: string;
        };
        Chart: {
            repoURL?: string;
            name?: string;
            version?: string;
            subscriptionName?: string;
        };
        ChartDiscoveryResult: {
            repoURL: string;
            name?: string;
            semverConstraint?: string;
            versions?: string[];
            subscriptionName?: string;
        };
        ChartSubscription: {
            repoURL: string;
            name?: string;
            semverConstraint?: string;
            /** @default 20 */
            discoveryLimit?: number;
            /** @default false */
            insecureSkipTLSVerify?: boolean;
        };
        Claim: {
            name?: string;
            values?: string[];
        };
        ClusterAnalysisTemplate: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["AnalysisTemplateSpec"];
        };
        ClusterAnalysisTemplateList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["ClusterAnalysisTemplate"][];
        };
        ClusterConfig: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec?: components["schemas"]["ClusterConfigSpec"];
            status?: components["schemas"]["ClusterConfigStatus"];
        };
        ClusterConfigSpec: {
            webhookReceivers?: components["schemas"]["WebhookReceiverConfig"][];
            gitClient?: components["schemas"]["GitClientConfig"] | null;
            freightLinks?: components["schemas"]["DeepLink"][];
            stageLinks?: components["schemas"]["DeepLink"][];
            promotionWindows?: components["schemas"]["PromotionWindow"][];
        };
        ClusterConfigStatus: {
            conditions?: components["schemas"]["Condition"][];
            /** @default 0 */
            observedGeneration?: number;
            lastHandledRefresh?: string;
            webhookReceivers?: components["schemas"]["WebhookReceiverDetails"][];
        };
        ClusterPromotionTask: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["PromotionTaskSpec"];
        };
        ClusterPromotionTaskList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["ClusterPromotionTask"][];
        };
        Condition: {
            type: string;
            status: string;
            reason?: string;
            message?: string;
            observedGeneration?: number | null;
            lastTransitionTime?: string | null;
        };
        ConfigMap: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            data?: {
                [key: string]: string;
            };
            binaryData?: {
                [key: string]: string;
            };
            /** @default false */
            immutable?: boolean;
        };
        ConfigMapList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["ConfigMap"][];
        };
        CreateAPITokenRequest: {
            name?: string;
            expiresIn?: string;
        };
        CreateConfigMapRequest: {
            description?: string;
            /** @default false */
            replicate?: boolean;
            data?: {
                [key: string]: string;
            };
            name?: string;
        };
        CreateGenericCredentialsRequest: {
            name?: string;
            description?: string;
            /** @default false */
            replicate?: boolean;
            type?: string;
            data?: {
                [key: string]: string;
            };
        };
        CreateOrUpdateResourceResponse: {
            results: components["schemas"]["CreateOrUpdateResourceResult"][];
        };
        CreateOrUpdateResourceResult: {
            createdResourceManifest?: {
                [key: string]: unknown;
            } | null;
            error?: string;
            updatedResourceManifest?: {
                [key: string]: unknown;
            } | null;
        };
        CreateRepoCredentialsRequest: {
            description?: string;
            type?: string;
            repoUrl?: string;
            /** @default false */
            repoUrlIsRegex?: boolean;
            username?: string;
            password?: string;
            name?: string;
        };
        CreateResourceResponse: {
            results: components["schemas"]["CreateResourceResult"][];
        };
        CreateResourceResult: {
            createdResourceManifest?: {
                [key: string]: unknown;
            } | null;
            error?: string;
        };
        CurrentStage: {
            since?: string | null;
        };
        DeepLink: {
            title: string;
            url: string;
            description?: string;
            if?: string;
        };
        DeleteResourceResponse: {
            results: components["schemas"]["DeleteResourceResult"][];
        };
        DeleteResourceResult: {
            deletedResourceManifest?: {
                [key: string]: unknown;
            } | null;
            error?: string;
        };
        DiscoveredArtifacts: {
            discoveredAt?: string | null;
            git?: components["schemas"]["GitDiscoveryResult"][];
            images?: components["schemas"]["ImageDiscoveryResult"][];
            charts?: components["schemas"]["ChartDiscoveryResult"][];
            results?: components["schemas"]["DiscoveryResult"][];
        };
        DiscoveredCommit: {
            id?: string;
            branch?: string;
            tag?: string;
            subject?: string;
            author?: string;
            committer?: string;
            creatorDate?: string | null;
        };
        DiscoveredImageReference: {
            tag: string;
            digest: string;
            annotations?: {
                [key: string]: string;
            };
            createdAt?: string | null;
        };
        DiscoveredRef: {
            name: string;
            id: string;
        };
        DiscoveryResult: {
            name: string;
            artifactReferences?: components["schemas"]["ArtifactReference"][];
        };
        ErrorAnswer: {
            error: string;
            reason?: string;
            advice?: string;
            problems?: components["schemas"]["Fault"][];
        };
        Event: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            involvedObject: components["schemas"]["ObjectReference"];
            reason?: string;
            message?: string;
            type?: string;
            source?: components["schemas"]["EventSource"];
            firstTimestamp?: string | null;
            lastTimestamp?: string | null;
            eventTime?: string | null;
            /** @default 0 */
            count?: number;
            series?: {
                [key: string]: unknown;
            } | null;
            action?: string;
            related?: components["schemas"]["ObjectReference"] | null;
            reportingComponent?: string;
            reportingInstance?: string;
        };
        EventList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["Event"][];
        };
        EventSource: {
            component?: string;
            host?: string;
        };
        ExpressionVariable: {
            name: string;
            value?: string;
        };
        Fault: {
            field?: string;
            message: string;
            advice?: string;
        };
        Finding: {
            severity: components["schemas"]["Severity"];
            rule: string;
            file: string;
            line: number;
            field: string;
            message: string;
            advice: string;
            excerpt: string;
        };
        Freight: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            alias?: string;
            discoveredAt?: string | null;
            origin: components["schemas"]["FreightOrigin"];
            commits?: components["schemas"]["GitCommit"][];
            images?: components["schemas"]["Image"][];
            charts?: components["schemas"]["Chart"][];
            artifacts?: components["schemas"]["ArtifactReference"][];
            status?: components["schemas"]["FreightStatus"];
        };
        FreightCollection: {
            id: string;
            items?: {
                [key: string]: components["schemas"]["FreightReference"];
            };
            verificationHistory?: components["schemas"]["VerificationInfo"][];
        };
        FreightCreationCriteria: {
            expression?: string;
        };
        FreightExplanation: {
            freight: string;
            alias?: string;
            origin?: components["schemas"]["FreightOrigin"] | null;
            discoveredAt?: string | null;
            commits?: components["schemas"]["GitCommit"][];
            images?: components["schemas"]["Image"][];
            charts?: components["schemas"]["Chart"][];
            artifacts?: components["schemas"]["ArtifactReference"][];
            project: string;
            stages?: components["schemas"]["Whereabouts"][];
            uninterested?: string[];
        };
        FreightGroup: {
            items: components["schemas"]["Freight"][];
        };
        FreightOrigin: {
            /** @constant */
            kind: "Warehouse";
            name: string;
        };
        FreightReference: {
            name?: string;
            origin?: components["schemas"]["FreightOrigin"] | null;
            commits?: components["schemas"]["GitCommit"][];
            images?: components["schemas"]["Image"][];
            charts?: components["schemas"]["Chart"][];
            artifacts?: components["schemas"]["ArtifactReference"][];
        };
        FreightRequest: {
            origin: components["schemas"]["FreightOrigin"];
            sources: components["schemas"]["FreightSources"];
        };
        FreightSources: {
            /** @default false */
            direct?: boolean;
            stages?: string[];
            requiredSoakTime?: string | null;
            /**
             * @default OneOf
             * @enum {string}
             */
            availabilityStrategy?: "All" | "OneOf" | "";
            autoPromotionOptions?: components["schemas"]["AutoPromotionOptions"] | null;
        };
        FreightStatus: {
            currentlyIn?: {
                [key: string]: components["schemas"]["CurrentStage"];
            };
            verifiedIn?: {
                [key: string]: components["schemas"]["VerifiedStage"];
            };
            approvedFor?: {
                [key: string]: components["schemas"]["ApprovedStage"];
            };
            metadata?: {
                [key: string]: unknown;
            };
        };
        GenericAction: {
            /** @constant */
            action: "Refresh";
            whenExpression?: string;
            parameters?: {
                [key: string]: string;
            };
            targetSelectionCriteria?: components["schemas"]["GenericTarget"][];
        };
        GenericConfig: {
            secretRef: components["schemas"]["LocalObjectReference"];
            actions?: components["schemas"]["GenericAction"][];
        };
        GenericTarget: {
            /** @constant */
            kind: "Warehouse";
            name?: string;
            labelSelector?: components["schemas"]["LabelSelector"] | null;
            indexSelector?: components["schemas"]["IndexSelector"] | null;
        };
        GetConfigResponse: {
            argocdShards: {
                [key: string]: components["schemas"]["ArgoCDShard"];
            };
            secretManagementEnabled: boolean;
            systemResourcesNamespace: string;
            sharedResourcesNamespace: string;
            kargoNamespace: string;
            hasAnalysisRunLogsUrlTemplate: boolean;
        };
        GetControllerHeartbeatsResponse: {
            heartbeats: {
                [key: string]: components["schemas"]["Heartbeat"];
            };
            defaultController: string;
        };
        GitClientConfig: {
            name: string;
            email: string;
            signingKeySecret?: components["schemas"]["LocalObjectReference"] | null;
        };
        GitCommit: {
            repoURL?: string;
            id?: string;
            branch?: string;
            tag?: string;
            message?: string;
            author?: string;
            committer?: string;
            subscriptionName?: string;
        };
        GitDiscoveryRefs: {
            branchHead?: string;
            tags?: components["schemas"]["DiscoveredRef"][];
        };
        GitDiscoveryResult: {
            repoURL: string;
            commits?: components["schemas"]["DiscoveredCommit"][];
            subscriptionName?: string;
            observedRefs?: components["schemas"]["GitDiscoveryRefs"] | null;
        };
        GitSubscription: {
            repoURL: string;
            /**
             * @default NewestFromBranch
             * @enum {string}
             */
            commitSelectionStrategy?: "NewestFromBranch" | "SemVer" | "Lexical" | "NewestTag";
            branch?: string;
            /** @default true */
            strictSemvers?: boolean;
            semverConstraint?: string;
            allowTags?: string;
            allowTagsRegexes?: string[];
            ignoreTags?: string[];
            ignoreTagsRegexes?: string[];
            expressionFilter?: string;
            /** @default false */
            insecureSkipTLSVerify?: boolean;
            /** @default false */
            blobless?: boolean;
            includePaths?: string[];
            excludePaths?: string[];
            /** @default 20 */
            discoveryLimit?: number;
            since?: string | null;
        };
        GrantRequest: {
            role?: string;
            userClaims?: components["schemas"]["UserClaims"] | null;
            resourceDetails?: components["schemas"]["ResourceDetails"] | null;
        };
        Health: {
            status?: string;
            issues?: string[];
            config?: unknown;
            output?: unknown;
        };
        HealthCheckStep: {
            uses: string;
            config?: unknown;
        };
        HealthStats: {
            /** @default 0 */
            healthy?: number;
        };
        Heartbeat: {
            controller: string;
            status: string;
            timestamp?: string | null;
        };
        HistoryEntry: {
            id: string;
            items: {
                [key: string]: components["schemas"]["FreightReference"];
            };
            promoted?: string;
            promotion?: string;
            actor?: string;
            /** @default false */
            rollback?: boolean;
            startedAt?: string | null;
            finishedAt?: string | null;
            verification?: components["schemas"]["VerificationInfo"] | null;
        };
        Hold: {
            origin: components["schemas"]["FreightOrigin"];
            freight: string;
            alias?: string;
            promotion?: string;
            actor?: string;
            since?: string | null;
        };
        Image: {
            repoURL?: string;
            tag?: string;
            digest?: string;
            annotations?: {
                [key: string]: string;
            };
            subscriptionName?: string;
        };
        ImageDiscoveryResult: {
            repoURL: string;
            platform?: string;
            references?: components["schemas"]["DiscoveredImageReference"][];
            subscriptionName?: string;
        };
        ImageStageMap: {
            stages?: {
                [key: string]: number;
            };
        };
        ImageSubscription: {
            repoURL: string;
            /**
             * @default SemVer
             * @enum {string}
             */
            imageSelectionStrategy?: "Digest" | "Lexical" | "NewestBuild" | "SemVer";
            /** @default true */
            strictSemvers?: boolean;
            constraint?: string;
            allowTags?: string;
            allowTagsRegexes?: string[];
            ignoreTags?: string[];
            ignoreTagsRegexes?: string[];
            platform?: string;
            /** @default false */
            insecureSkipTLSVerify?: boolean;
            /** @default 20 */
            discoveryLimit?: number;
            /** @default false */
            cacheByTag?: boolean;
        };
        IndexSelector: {
            matchIndices?: components["schemas"]["IndexSelectorRequirement"][];
        };
        IndexSelectorRequirement: {
            /** @enum {string} */
            key: "subscribedURLs" | "receiverPaths";
            operator: string;
            value: string;
        };
        KindStats: {
            /** @default 0 */
            count?: number;
            health?: components["schemas"]["HealthStats"];
        };
        LabelSelector: {
            matchLabels?: {
                [key: string]: string;
            };
            matchExpressions?: components["schemas"]["LabelSelectorRequirement"][];
        };
        LabelSelectorRequirement: {
            key: string;
            operator: string;
            values?: string[];
        };
        Links: {
            links: components["schemas"]["ResolvedLink"][];
            errors?: string[];
        };
        LintManifestsResponse: {
            findings: components["schemas"]["Finding"][];
            errors: number;
            warnings: number;
        };
        ListMeta: {
            resourceVersion?: string;
            continue?: string;
            /** @default 0 */
            remainingItemCount?: number;
        };
        ListProjectsResponse: {
            /**
             * @default {
             *       "resourceVersion": "",
             *       "continue": "",
             *       "remainingItemCount": 0
             *     }
             */
            metadata?: components["schemas"]["ListMeta"];
            items: components["schemas"]["Project"][];
            /** @default 0 */
            total?: number;
        };
        LocalObjectReference: {
            name?: string;
        };
        Matrix: {
            metadata: components["schemas"]["ListMeta"];
            stages: components["schemas"]["MatrixStage"][];
            rows: components["schemas"]["Row"][];
        };
        MatrixStage: {
            project: string;
            stage: string;
            health?: string;
            /** @default false */
            promoting?: boolean;
        };
        Metric: {
            name: string;
            provider: {
                [key: string]: unknown;
            };
            interval?: string;
            initialDelay?: string;
            count?: unknown;
            successCondition?: string;
            failureCondition?: string;
            failureLimit?: unknown;
            inconclusiveLimit?: unknown;
            consecutiveErrorLimit?: unknown;
            consecutiveSuccessLimit?: unknown;
        };
        Movement: {
            promotion: string;
            freight: string;
            alias?: string;
            /** @default Pending */
            phase?: string;
            actor?: string;
            reasons?: components["schemas"]["Reason"][];
        };
        NameSelector: {
            matchLabels?: {
                [key: string]: string;
            };
            matchExpressions?: components["schemas"]["LabelSelectorRequirement"][];
            name?: string;
        };
        OIDCConfig: {
            issuerUrl: string;
            clientId: string;
            cliClientId?: string;
            scopes?: string[];
        };
        ObjectMeta: {
            name?: string;
            generateName?: string | null;
            namespace?: string | null;
            uid?: string;
            resourceVersion?: string;
            /** @default 0 */
            generation?: number;
            creationTimestamp?: string | null;
            deletionTimestamp?: string | null;
            deletionGracePeriodSeconds?: number | null;
            labels?: {
                [key: string]: string;
            };
            annotations?: {
                [key: string]: string;
            };
            ownerReferences?: components["schemas"]["OwnerReference"][];
            finalizers?: string[];
            managedFields?: {
                [key: string]: unknown;
            }[] | null;
            selfLink?: string | null;
        };
        ObjectReference: {
            apiVersion?: string;
            kind?: string;
            namespace?: string;
            name?: string;
            uid?: string;
            resourceVersion?: string;
            fieldPath?: string;
        };
        OwnerReference: {
            apiVersion: string;
            kind: string;
            name: string;
            uid: string;
            controller?: boolean | null;
            blockOwnerDeletion?: boolean | null;
        };
        PatchConfigMapRequest: {
            description?: string | null;
            data?: {
                [key: string]: string;
            } | null;
            removeKeys?: string[];
        };
        PatchGenericCredentialsRequest: {
            description?: string | null;
            data?: {
                [key: string]: string;
            } | null;
            removeKeys?: string[];
        };
        PatchRepoCredentialsRequest: {
            description?: string | null;
            type?: string;
            repoUrl?: string;
            /** @default false */
            repoUrlIsRegex?: boolean;
            username?: string;
            password?: string;
        };
        Pipeline: {
            project: components["schemas"]["Project"];
            warehouses: components["schemas"]["Warehouse"][];
            stages: components["schemas"]["Stage"][];
            freight: components["schemas"]["Freight"][];
            promotions: components["schemas"]["Promotion"][];
            resourceVersion: string;
        };
        Plan: {
            project: string;
            stage: string;
            freight: components["schemas"]["PlannedFreight"];
            phase: string;
            message: string;
            changes: boolean;
            steps: components["schemas"]["PlannedStep"][];
        };
        PlannedChange: {
            verb: string;
            target: string;
            diff?: string;
            details?: {
                [key: string]: unknown;
            };
        };
        PlannedFreight: {
            name: string;
            alias: string;
            origin: string;
        };
        PlannedStep: {
            alias: string;
            uses: string;
            status: string;
            changes: components["schemas"]["PlannedChange"][];
            message?: string;
            waitsFor?: string;
            dependsOn?: string;
            unclearWithout?: string;
            outputs?: {
                [key: string]: unknown;
            };
            knownAfter?: string[];
        };
        Present: {
            freight: string;
            alias?: string;
            origin?: components["schemas"]["FreightOrigin"] | null;
            discoveredAt?: string | null;
            commits?: components["schemas"]["GitCommit"][];
            images?: components["schemas"]["Image"][];
            charts?: components["schemas"]["Chart"][];
            artifacts?: components["schemas"]["ArtifactReference"][];
            since?: string | null;
            verifiedAt?: string | null;
        };
        Project: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            status?: components["schemas"]["ProjectStatus"];
        };
        ProjectConfig: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec?: components["schemas"]["ProjectConfigSpec"];
            status?: components["schemas"]["ProjectConfigStatus"];
        };
        ProjectConfigSpec: {
            promotionPolicies?: components["schemas"]["PromotionPolicy"][];
            webhookReceivers?: components["schemas"]["WebhookReceiverConfig"][];
            freightLinks?: components["schemas"]["DeepLink"][];
            stageLinks?: components["schemas"]["DeepLink"][];
            promotionWindows?: components["schemas"]["PromotionWindow"][];
        };
        ProjectConfigStatus: {
            conditions?: components["schemas"]["Condition"][];
            /** @default 0 */
            observedGeneration?: number;
            lastHandledRefresh?: string;
            webhookReceivers?: components["schemas"]["WebhookReceiverDetails"][];
        };
        ProjectStats: {
            warehouses?: components["schemas"]["KindStats"];
            stages?: components["schemas"]["KindStats"];
        };
        ProjectStatus: {
            conditions?: components["schemas"]["Condition"][];
            stats?: components["schemas"]["ProjectStats"] | null;
        };
        PromoteDownstreamRequest: {
            freight?: string;
            freightAlias?: string;
        };
        PromoteToStageRequest: {
            freight?: string;
            freightAlias?: string;
            origin?: string;
        };
        Promoted: {
            promotions: components["schemas"]["Promotion"][];
            errors?: string;
        };
        Promotion: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["PromotionSpec"];
            status?: components["schemas"]["PromotionStatus"];
        };
        PromotionList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["Promotion"][];
        };
        PromotionPolicy: {
            stage?: string;
            stageSelector?: components["schemas"]["NameSelector"] | null;
            /** @default false */
            autoPromotionEnabled?: boolean;
            autoRollback?: components["schemas"]["AutoRollbackConfig"] | null;
        };
        PromotionReference: {
            name: string;
            freight?: components["schemas"]["FreightReference"] | null;
            status?: components["schemas"]["PromotionStatus"] | null;
            finishedAt?: string | null;
        };
        PromotionRequestFreightReference: {
            name: string;
        };
        PromotionRequestReference: {
            name: string;
            freight?: components["schemas"]["PromotionRequestFreightReference"] | null;
            phase?: string;
            finishedAt?: string | null;
        };
        PromotionSpec: {
            stage: string;
            freight?: string;
            origin?: components["schemas"]["FreightOrigin"] | null;
            target?: string;
            vars?: components["schemas"]["ExpressionVariable"][];
            steps: components["schemas"]["PromotionStep"][];
        };
        PromotionStatus: {
            lastHandledRefresh?: string;
            phase?: string;
            message?: string;
            freight?: components["schemas"]["FreightReference"] | null;
            freightCollection?: components["schemas"]["FreightCollection"] | null;
            healthChecks?: components["schemas"]["HealthCheckStep"][];
            startedAt?: string | null;
            finishedAt?: string | null;
            /** @default 0 */
            currentStep?: number;
            stepExecutionMetadata?: components["schemas"]["StepExecutionMetadata"][];
            state?: unknown;
            journal?: {
                [key: string]: unknown;
            } | null;
        };
        PromotionStep: {
            uses?: string;
            task?: components["schemas"]["PromotionTaskReference"] | null;
            as?: string;
            if?: string;
            /** @default false */
            continueOnError?: boolean;
            retry?: components["schemas"]["PromotionStepRetry"] | null;
            vars?: components["schemas"]["ExpressionVariable"][];
            config?: unknown;
        };
        PromotionStepRetry: {
            timeout?: string | null;
            /** @default 0 */
            errorThreshold?: number;
        };
        PromotionTask: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["PromotionTaskSpec"];
        };
        PromotionTaskList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["PromotionTask"][];
        };
        PromotionTaskReference: {
            name: string;
            kind?: ("PromotionTask" | "ClusterPromotionTask") | null;
        };
        PromotionTaskSpec: {
            vars?: components["schemas"]["ExpressionVariable"][];
            steps: components["schemas"]["PromotionStep"][];
        };
        PromotionTemplate: {
            spec: components["schemas"]["PromotionTemplateSpec"];
        };
        PromotionTemplateSpec: {
            vars?: components["schemas"]["ExpressionVariable"][];
            steps?: components["schemas"]["PromotionStep"][];
        };
        PromotionWindow: {
            name: string;
            stageSelector?: components["schemas"]["NameSelector"] | null;
            projectSelector?: components["schemas"]["NameSelector"] | null;
            /** @enum {string} */
            kind: "Allow" | "Deny";
            rrule?: string;
            dtstart?: string;
            dtend?: string;
        };
        PromotionWindowStatus: {
            closed: boolean;
            reason?: string;
            nextOpen?: string | null;
            nextClose?: string | null;
            nextCloseReason?: string;
        };
        PublicConfig: {
            adminAccountEnabled: boolean;
            oidcConfig?: components["schemas"]["OIDCConfig"] | null;
            skipAuth: boolean;
        };
        QueryFreightsResponse: {
            groups: {
                [key: string]: components["schemas"]["FreightGroup"];
            };
            resourceVersion?: string;
            /**
             * @default {
             *       "resourceVersion": "",
             *       "continue": "",
             *       "remainingItemCount": 0
             *     }
             */
            metadata?: components["schemas"]["ListMeta"];
        };
        RbacRole: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["RoleMeta"];
            /** @default false */
            kargoManaged?: boolean;
            claims?: components["schemas"]["Claim"][];
            rules?: components["schemas"]["RoleRule"][];
        };
        Reason: {
            code: string;
            message: string;
            advice?: string;
            until?: string | null;
        };
        RepoSubscription: {
            name?: string;
            git?: components["schemas"]["GitSubscription"] | null;
            image?: components["schemas"]["ImageSubscription"] | null;
            chart?: components["schemas"]["ChartSubscription"] | null;
        };
        ResolvedLink: {
            title: string;
            url: string;
            description?: string;
        };
        ResourceDetails: {
            resourceType?: string;
            resourceName?: string;
            verbs?: string[];
        };
        RevokeRequest: {
            role?: string;
            userClaims?: components["schemas"]["UserClaims"] | null;
            resourceDetails?: components["schemas"]["ResourceDetails"] | null;
        };
        RoleMeta: {
            name?: string;
            namespace?: string;
            annotations?: {
                [key: string]: string;
            };
        };
        RoleRule: {
            apiGroups?: string[];
            resources?: string[];
            resourceNames?: string[];
            verbs?: string[];
        };
        RollbackRequest: {
            freight?: string;
            freightAlias?: string;
            /** @default false */
            dryRun?: boolean;
        };
        Row: {
            artifact: components["schemas"]["ArtifactName"];
            newest?: string;
            cells: components["schemas"]["Cell"][];
        };
        Secret: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            /** @default Opaque */
            type?: string;
            data?: {
                [key: string]: string;
            };
            stringData?: {
                [key: string]: string;
            };
            /** @default false */
            immutable?: boolean;
        };
        SecretList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["Secret"][];
        };
        SenderConfig: {
            secretRef: components["schemas"]["LocalObjectReference"];
        };
        /** @enum {string} */
        Severity: "error" | "warning";
        Side: {
            version: string;
            identity?: string;
            freight: string;
            alias?: string;
            discoveredAt?: string | null;
        };
        Stage: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["StageSpec"];
            status?: components["schemas"]["StageStatus"];
        };
        StageDifference: {
            project: string;
            left: string;
            right: string;
            same: boolean;
            artifacts?: components["schemas"]["ArtifactDifference"][];
        };
        StageExplanation: {
            project: string;
            stage: string;
            /** @default false */
            ready?: boolean;
            message?: string;
            health?: string;
            healthIssues?: string[];
            /** @default false */
            autoPromotion?: boolean;
            holds?: components["schemas"]["Hold"][];
            reasons?: components["schemas"]["Reason"][];
            current?: components["schemas"]["Present"][];
            promotion?: components["schemas"]["Movement"] | null;
            waiting?: components["schemas"]["Movement"][];
            candidates?: components["schemas"]["Candidate"][];
            /** @default 0 */
            more?: number;
            notes?: string[];
        };
        StageHistory: {
            /**
             * @default {
             *       "resourceVersion": "",
             *       "continue": "",
             *       "remainingItemCount": 0
             *     }
             */
            metadata?: components["schemas"]["ListMeta"];
            items: components["schemas"]["HistoryEntry"][];
        };
        StageList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["Stage"][];
        };
        StageSpec: {
            shard?: string;
            vars?: components["schemas"]["ExpressionVariable"][];
            requestedFreight: components["schemas"]["FreightRequest"][];
            promotionTemplate?: components["schemas"]["PromotionTemplate"] | null;
            verification?: components["schemas"]["Verification"] | null;
            targets?: components["schemas"]["StageTargets"] | null;
        };
        StageStatus: {
            conditions?: components["schemas"]["Condition"][];
            lastHandledRefresh?: string;
            freightHistory?: components["schemas"]["FreightCollection"][];
            freightSummary?: string;
            health?: components["schemas"]["Health"] | null;
            /** @default 0 */
            observedGeneration?: number;
            currentPromotion?: components["schemas"]["PromotionReference"] | null;
            lastPromotion?: components["schemas"]["PromotionReference"] | null;
            currentPromotionRequest?: components["schemas"]["PromotionRequestReference"] | null;
            lastPromotionRequest?: components["schemas"]["PromotionRequestReference"] | null;
            /** @default false */
            autoPromotionEnabled?: boolean;
            promotionWindowStatus?: components["schemas"]["PromotionWindowStatus"] | null;
            metadata?: {
                [key: string]: unknown;
            };
            autoPromotionHolds?: {
                [key: string]: components["schemas"]["AutoPromotionHold"];
            };
            effectiveAutoPromotionHolds?: {
                [key: string]: components["schemas"]["AutoPromotionHold"];
            };
        };
        StageTargets: {
            selectors: components["schemas"]["LabelSelector"][];
        };
        StepExecutionMetadata: {
            alias?: string;
            startedAt?: string | null;
            finishedAt?: string | null;
            /** @default 0 */
            errorCount?: number;
            status?: string;
            message?: string;
            /** @default false */
            continueOnError?: boolean;
        };
        TagMap: {
            tags?: {
                [key: string]: components["schemas"]["ImageStageMap"];
            };
        };
        UpdateConfigMapRequest: {
            description?: string;
            /** @default false */
            replicate?: boolean;
            data?: {
                [key: string]: string;
            };
        };
        UpdateGenericCredentialsRequest: {
            description?: string;
            /** @default false */
            replicate?: boolean;
            data?: {
                [key: string]: string;
            };
        };
        UpdateRepoCredentialsRequest: {
            description?: string;
            type?: string;
            repoUrl?: string;
            /** @default false */
            repoUrlIsRegex?: boolean;
            username?: string;
            password?: string;
        };
        UserClaims: {
            claims?: components["schemas"]["Claim"][];
        };
        Verification: {
            analysisTemplates?: components["schemas"]["AnalysisTemplateReference"][];
            analysisRunMetadata?: components["schemas"]["AnalysisRunMetadata"] | null;
            args?: components["schemas"]["AnalysisRunArgument"][];
        };
        VerificationInfo: {
            id?: string;
            actor?: string;
            startTime?: string | null;
            phase?: string;
            message?: string;
            analysisRun?: components["schemas"]["AnalysisRunReference"] | null;
            finishTime?: string | null;
        };
        VerifiedStage: {
            verifiedAt?: string | null;
            longestSoak?: string | null;
        };
        VersionInfo: {
            version: string;
            buildDate: string;
            gitCommit: string;
            gitTreeDirty: boolean;
            goVersion: string;
            compiler: string;
            platform: string;
        };
        Warehouse: {
            apiVersion?: string;
            kind?: string;
            metadata?: components["schemas"]["ObjectMeta"];
            spec: components["schemas"]["WarehouseSpec"];
            status?: components["schemas"]["WarehouseStatus"];
        };
        WarehouseList: {
            apiVersion: string;
            kind: string;
            metadata: components["schemas"]["ListMeta"];
            items: components["schemas"]["Warehouse"][];
        };
        WarehouseSpec: {
            shard?: string;
            /** @default 5m0s */
            interval?: string;
            /**
             * @default Automatic
             * @enum {string}
             */
            freightCreationPolicy?: "Automatic" | "Manual";
            subscriptions: components["schemas"]["RepoSubscription"][];
            freightCreationCriteria?: components["schemas"]["FreightCreationCriteria"] | null;
        };
        WarehouseStatus: {
            conditions?: components["schemas"]["Condition"][];
            lastHandledRefresh?: string;
            /** @default 0 */
            observedGeneration?: number;
            lastFreightID?: string;
            discoveredArtifacts?: components["schemas"]["DiscoveredArtifacts"] | null;
        };
        WebhookReceiverConfig: {
            name: string;
            bitbucket?: components["schemas"]["SenderConfig"] | null;
            dockerhub?: components["schemas"]["SenderConfig"] | null;
            github?: components["schemas"]["SenderConfig"] | null;
            gitlab?: components["schemas"]["SenderConfig"] | null;
            harbor?: components["schemas"]["SenderConfig"] | null;
            quay?: components["schemas"]["SenderConfig"] | null;
            artifactory?: components["schemas"]["ArtifactoryConfig"] | null;
            azure?: components["schemas"]["SenderConfig"] | null;
            gitea?: components["schemas"]["SenderConfig"] | null;
            generic?: components["schemas"]["GenericConfig"] | null;
        };
        WebhookReceiverDetails: {
            name?: string;
            path?: string;
            url?: string;
        };
        Whereabouts: {
            stage: string;
            /** @enum {string} */
            state: "here" | "was" | "available" | "not";
            since?: string | null;
            verifiedAt?: string | null;
            available: boolean;
            reasons?: components["schemas"]["Reason"][];
            /** @default false */
            automatic?: boolean;
            automaticReasons?: components["schemas"]["Reason"][];
        };
        WhoAmIResponse: {
            actor: string;
            username?: string;
            email?: string;
            groups?: string[];
            mayAll: boolean;
            accounts?: string[];
            claims?: {
                [key: string]: unknown;
            };
            csrfToken?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
