//! The fields of the service desk's records (PSA REST API 2026.4, schemas of the same names; those of configurations 2025.1).

use crate::connectwise::schema::Kind::{Choice, Flag, List, Moment, Number, Reference, Stamp, Text, Whole};
use crate::connectwise::schema::Schema;

/// A service board.
pub(super) const BOARD: Schema = Schema {
    resource: "board",
    fields: &[
        (Whole, "id emailConnectorReopenDaysLimit emailConnectorReopenDaysClosedLimit autoAssignLimitAmount"),
        (Text(50), "name notifyEmailFrom"),
        (Reference("id name"), "location signOffTemplate boardIcon workRole"),
        (Reference("id identifier name"), "department"),
        (
            Flag,
            "inactiveFlag sendToContactFlag sendToResourceFlag projectFlag showDependenciesFlag \
            showEstimatesFlag billTicketsAfterClosedFlag billTicketSeparatelyFlag \
            billUnapprovedTimeExpenseFlag overrideBillingSetupFlag autoAssignNewTicketsFlag \
            autoAssignNewECTicketsFlag autoAssignNewPortalTicketsFlag discussionsLockedFlag \
            timeEntryLockedFlag closedLoopDiscussionsFlag closedLoopResolutionFlag \
            closedLoopInternalAnalysisFlag timeEntryDiscussionFlag timeEntryResolutionFlag \
            timeEntryInternalAnalysisFlag emailConnectorAllowReopenClosedFlag \
            emailConnectorReopenResourcesFlag emailConnectorNewTicketNoMatchFlag \
            emailConnectorNeverReopenByDaysFlag emailConnectorNeverReopenByDaysClosedFlag \
            useMemberDisplayNameFlag sendToCCFlag autoAssignTicketOwnerFlag autoAssignLimitFlag \
            closedLoopAllFlag markFirstNoteIssueFlag restrictBoardByDefaultFlag sendToBundledFlag",
        ),
        (Reference("id identifier name type"), "contactTemplate resourceTemplate"),
        (Reference("id identifier name dailyCapacity"), "dispatchMember serviceManagerMember dutyManagerMember oncallMember"),
        (Reference("id name utilizationFlag"), "workType"),
        (Choice("Billable DoNotBill NoCharge NoDefault"), "billTime billExpense billProduct"),
        (Reference("id name sort"), "autoCloseStatus emailConnectorReopenStatus"),
        (Text(60), "notifyEmailFromName"),
        (Choice("Ascending Descending"), "problemSort resolutionSort internalAnalysisSort allSort"),
        (Choice("ActualHours Manual ClosedPhases ClosedTickets"), "percentageCalculation"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId"),
    ],
};

/// A status of a board.
pub(super) const BOARD_STATUS: Schema = Schema {
    resource: "boardStatus",
    fields: &[
        (Whole, "id sortOrder parentId grandParentId"),
        (Text(50), "name"),
        (Reference("id name"), "board"),
        (
            Flag,
            "displayOnBoard inactive closedStatus timeEntryNotAllowed roundRobinCatchall defaultFlag \
            customerPortalFlag saveTimeAsNote",
        ),
        (Choice("NotResponded Responded ResolutionPlan Resolved NoEscalation"), "escalationStatus"),
        (Text(500), "customerPortalDescription"),
        (Reference("id identifier name type"), "emailTemplate"),
        (Reference("id identifier name"), "statusIndicator"),
        (Text(30), "customStatusIndicatorName"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId parentConnectWiseId grandParentConnectWiseId"),
    ],
};

/// A type of a board.
pub(super) const BOARD_TYPE: Schema = Schema {
    resource: "boardType",
    fields: &[
        (Whole, "id parentId grandParentId"),
        (Text(50), "name integrationXref"),
        (Choice("Reactive Proactive"), "category"),
        (Flag, "defaultFlag inactiveFlag requestForChangeFlag"),
        (Reference("id name"), "skillCategory skill board location"),
        (Reference("id identifier name"), "department"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId parentConnectWiseId grandParentConnectWiseId"),
    ],
};

/// A subtype of a board.
pub(super) const BOARD_SUB_TYPE: Schema = Schema {
    resource: "boardSubType",
    fields: &[
        (Whole, "id parentId grandParentId"),
        (Text(50), "name"),
        (Flag, "inactiveFlag addAllTypesFlag removeAllTypesFlag"),
        (List, "typeAssociationIds"),
        (Reference("id name"), "board"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId parentConnectWiseId grandParentConnectWiseId"),
    ],
};

/// An item of a board.
pub(super) const BOARD_ITEM: Schema = Schema {
    resource: "boardItem",
    fields: &[
        (Whole, "id parentId grandParentId"),
        (Text(50), "name"),
        (Flag, "inactiveFlag"),
        (Reference("id name"), "board"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId parentConnectWiseId grandParentConnectWiseId"),
    ],
};

/// A team of a board.
pub(super) const BOARD_TEAM: Schema = Schema {
    resource: "boardTeam",
    fields: &[
        (Whole, "id boardId locationId businessUnitId parentId grandParentId"),
        (Text(30), "name"),
        (Reference("id identifier name dailyCapacity"), "teamLeader"),
        (List, "members"),
        (Flag, "defaultFlag notifyOnTicketDelete defaultRoundRobinFlag roundRobinFlag"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId parentConnectWiseId grandParentConnectWiseId"),
    ],
};

/// A priority.
pub(super) const PRIORITY: Schema = Schema {
    resource: "priority",
    fields: &[
        (Whole, "id sortOrder"),
        (Text(50), "name"),
        (Choice("Black Blue Cyan Gray Green Lime Orange Pink Purple Red White Yellow Custom"), "color"),
        (Flag, "defaultFlag"),
        (Text(usize::MAX), "imageLink urgencySortOrder connectWiseId"),
        (Choice("Critical High Medium Low"), "level"),
        (Stamp, "_info"),
    ],
};

/// Where a ticket came from.
pub(super) const SOURCE: Schema = Schema {
    resource: "source",
    fields: &[
        (Whole, "id"),
        (Text(50), "name"),
        (Flag, "defaultFlag"),
        (Text(usize::MAX), "enteredBy connectWiseId"),
        (Moment, "dateEntered"),
        (Stamp, "_info"),
    ],
};

/// A service ticket.
pub(super) const TICKET: Schema = Schema {
    resource: "ticket",
    fields: &[
        (
            Whole,
            "id knowledgeBaseCategoryId knowledgeBaseSubCategoryId resolveMinutes resPlanMinutes \
            respondMinutes escalationLastUpdateMinutes knowledgeBaseLinkId parentTicketId \
            predecessorId lagDays duration escalationLevel minutesBeforeWaiting \
            respondedSkippedMinutes resplanSkippedMinutes minutesWaiting",
        ),
        (Text(100), "summary externalXRef"),
        (Choice("ProjectIssue ProjectTicket ServiceTicket"), "recordType"),
        (
            Reference("id name"),
            "board workRole site contact type subType item team serviceLocation source opportunity \
            location sla",
        ),
        (Reference("id name sort"), "status"),
        (Reference("id name utilizationFlag"), "workType"),
        (Reference("id identifier name"), "company country department"),
        (Text(156), "siteName"),
        (Text(50), "addressLine1 addressLine2 city stateIdentifier poNumber"),
        (Text(12), "zip"),
        (Text(62), "contactName"),
        (Text(20), "contactPhoneNumber"),
        (Text(15), "contactPhoneExtension"),
        (Text(250), "contactEmailAddress"),
        (Reference("id identifier name dailyCapacity"), "owner"),
        (Reference("id name sort level"), "priority"),
        (Moment, "requiredDate respondByGoalUTC resplanGoalUTC resolutionGoalUTC estimatedStartDate"),
        (
            Number,
            "budgetHours actualHours estimatedExpenseCost estimatedExpenseRevenue estimatedProductCost \
            estimatedProductRevenue estimatedTimeCost estimatedTimeRevenue billingAmount hourlyRate \
            subBillingAmount respondedHours resplanHours resolutionHours",
        ),
        (Reference("id name type chargeFirmFlag"), "agreement"),
        (
            Text(usize::MAX),
            "agreementType initialDescription initialInternalAnalysis initialResolution \
            initialDescriptionFrom contactEmailLookup closedDate closedBy subDateAccepted dateResolved \
            dateResplan dateResponded resources mobileGuid slaStatus escalationStartDateUTC \
            respondedBy resplanBy resolvedBy",
        ),
        (Choice("Low Medium High"), "severity impact"),
        (
            Flag,
            "allowAllClientsPortalView customerUpdatedFlag automaticEmailContactFlag \
            automaticEmailResourceFlag automaticEmailCcFlag processNotifications skipCallback \
            closedFlag approved isInSla hasChildTicket hasMergedChildTicketFlag predecessorClosedFlag \
            lagNonworkingDaysFlag requestForChangeFlag",
        ),
        (Text(1000), "automaticEmailCc"),
        (Choice("ActualRates FixedFee NotToExceed OverrideRate"), "billingMethod subBillingMethod"),
        (Choice("Activity ProjectIssue KnowledgeBaseArticle ProjectTicket ServiceTicket Time"), "knowledgeBaseLinkType"),
        (Choice("Billable DoNotBill NoCharge NoDefault"), "billTime billExpenses billProducts"),
        (Choice("Ticket Phase"), "predecessorType"),
        (
            Reference(
                "id symbol currencyCode decimalSeparator numberOfDecimals thousandsSeparator negativeParenthesesFlag displaySymbolFlag currencyIdentifier displayIdFlag rightAlign name",
            ),
            "currency",
        ),
        (Reference("id summary"), "mergedParentTicket"),
        (List, "integratorTags customFields"),
        (Stamp, "_info"),
    ],
};

/// A note of a ticket.
pub(super) const NOTE: Schema = Schema {
    resource: "serviceNote",
    fields: &[
        (Whole, "id ticketId"),
        (Text(usize::MAX), "text dateCreated createdBy"),
        (
            Flag,
            "detailDescriptionFlag internalAnalysisFlag resolutionFlag issueFlag customerUpdatedFlag \
            processNotifications internalFlag externalFlag",
        ),
        (Reference("id identifier name dailyCapacity"), "member"),
        (Reference("id name"), "contact"),
        (Number, "sentimentScore"),
        (Stamp, "_info"),
    ],
};

/// A note of a ticket of whatever origin.
pub(super) const ALL_NOTE: Schema = Schema {
    resource: "serviceTicketNote",
    fields: &[
        (Whole, "id"),
        (Choice("TicketNote TimeEntryNote MeetingNote"), "noteType"),
        (Reference("id summary"), "ticket"),
        (Text(usize::MAX), "text timeStart timeEnd originalAuthor"),
        (
            Flag,
            "isMarkdownFlag detailDescriptionFlag internalAnalysisFlag resolutionFlag bundledFlag \
            mergedFlag issueFlag createdByParentFlag",
        ),
        (Reference("id identifier name dailyCapacity"), "member"),
        (Reference("id name"), "contact"),
        (Stamp, "_info"),
    ],
};

/// A person of a company.
pub(super) const CONTACT: Schema = Schema {
    resource: "contact",
    fields: &[
        (Whole, "id defaultMergeContactId portalSecurityLevel"),
        (
            Text(usize::MAX),
            "firstName lastName addressLine1 addressLine2 city state zip relationshipOverride \
            securityIdentifier title school nickName children significantOther portalPassword birthDay \
            anniversary mobileGuid facebookUrl twitterUrl linkedInUrl defaultPhoneType defaultPhoneNbr \
            defaultPhoneExtension",
        ),
        (Reference("id identifier name"), "company country"),
        (Reference("id name"), "site relationship department managerContact assistantContact companyLocation photo"),
        (
            Flag,
            "inactiveFlag marriedFlag childrenFlag disablePortalLoginFlag unsubscribeFlag \
            defaultBillingFlag defaultFlag ignoreDuplicates",
        ),
        (Choice("Female Male"), "gender"),
        (Choice("NoAgent Online DoNotDisturb Away Offline"), "presence"),
        (
            Text(50),
            "userDefinedField1 userDefinedField2 userDefinedField3 userDefinedField4 userDefinedField5 \
            userDefinedField6 userDefinedField7 userDefinedField8 userDefinedField9 userDefinedField10",
        ),
        (List, "communicationItems types integratorTags customFields typeIds"),
        (Stamp, "_info"),
    ],
};

/// A device of a company.
pub(super) const CONFIGURATION: Schema = Schema {
    resource: "configuration",
    fields: &[
        (
            Whole,
            "id locationId businessUnitId backupSuccesses backupIncomplete backupFailed backupRestores \
            backupYear backupMonth parentConfigurationId companyLocationId",
        ),
        (Text(100), "name deviceIdentifier lastLoginName cpuSpeed"),
        (Reference("id name"), "type status contact site location manufacturer sla"),
        (Reference("id identifier name"), "company department vendor"),
        (Text(250), "serialNumber osType osInfo"),
        (Text(50), "modelNumber tagNumber backupServerName ipAddress defaultGateway manufacturerPartNumber"),
        (Moment, "purchaseDate installationDate warrantyExpirationDate lastBackupDate"),
        (Reference("id identifier name dailyCapacity"), "installedBy"),
        (Text(usize::MAX), "vendorNotes notes backupProtectedDeviceList localHardDrives mobileGuid"),
        (Text(25), "macAddress ram"),
        (Flag, "billFlag activeFlag displayVendorFlag showRemoteFlag showAutomateFlag needsRenewalFlag"),
        (Number, "backupBillableSpaceGb"),
        (List, "questions customFields"),
        (Text(1000), "managementLink remoteLink"),
        (Stamp, "_info"),
    ],
};

/// A kind of configuration.
pub(super) const CONFIGURATION_TYPE: Schema = Schema {
    resource: "configurationType",
    fields: &[(Whole, "id"), (Text(50), "name"), (Flag, "inactiveFlag systemFlag"), (Stamp, "_info")],
};

/// A status of a configuration.
pub(super) const CONFIGURATION_STATUS: Schema = Schema {
    resource: "configurationStatus",
    fields: &[(Whole, "id"), (Text(50), "description"), (Flag, "closedFlag defaultFlag"), (Stamp, "_info")],
};

/// A configuration as a ticket refers to it.
pub(super) const CONFIGURATION_REFERENCE: Schema =
    Schema { resource: "configuration", fields: &[(Whole, "id"), (Text(usize::MAX), "deviceIdentifier"), (Stamp, "_info")] };

/// Which type, subtype and item of a board go together. Not in the specification at hand; the path and the fields are those
/// clients read.
pub(super) const ASSOCIATION: Schema = Schema {
    resource: "boardTypeSubTypeItemAssociation",
    fields: &[(Whole, "id"), (Reference("id name"), "type subType item board"), (Stamp, "_info")],
};
