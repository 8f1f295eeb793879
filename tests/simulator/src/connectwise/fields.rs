//! The fields of each record (PSA REST API 2026.4, schemas of the same names), grouped by what they hold.
//!
//! All fields of the specification are here, also those no row of this world fills: a condition on one of them is
//! right, a condition on anything else is refused.

use super::schema::Kind::{Choice, Flag, List, Moment, Number, Reference, Stamp, Text, Whole};
use super::schema::Schema;

/// A company.
pub(super) const COMPANY: Schema = Schema {
    resource: "company",
    fields: &[
        (Whole, "id numberOfEmployees yearEstablished revenueYear"),
        (Text(156), "identifier name"),
        (
            Reference("id name"),
            "status territory market defaultContact sicCode ownershipType timeZoneSetup calendar \
            taxCode billingTerms invoiceTemplate pricingSchedule companyEntityType billingSite \
            billingContact invoiceDeliveryMethod emailTemplate site",
        ),
        (
            Text(50),
            "addressLine1 addressLine2 city state leadSource userDefinedField1 userDefinedField2 \
            userDefinedField3 userDefinedField4 userDefinedField5 userDefinedField6 \
            userDefinedField7 userDefinedField8 userDefinedField9 userDefinedField10",
        ),
        (Text(12), "zip"),
        (Reference("id identifier name"), "country parentCompany billToCompany"),
        (Text(30), "phoneNumber faxNumber"),
        (Text(255), "website"),
        (
            Text(usize::MAX),
            "accountNumber vendorIdentifier taxIdentifier invoiceToEmailAddress invoiceCCEmailAddress \
            deletedBy mobileGuid facebookUrl twitterUrl linkedInUrl resellerIdentifier",
        ),
        (Moment, "dateAcquired dateDeleted"),
        (Number, "annualRevenue creditLimit additionalDebt"),
        (Flag, "leadFlag unsubscribeFlag deletedFlag isVendorFlag"),
        (
            Reference(
                "id symbol currencyCode decimalSeparator numberOfDecimals thousandsSeparator negativeParenthesesFlag displaySymbolFlag currencyIdentifier displayIdFlag rightAlign name",
            ),
            "currency",
        ),
        (Reference("id identifier name dailyCapacity"), "territoryManager"),
        (List, "types integratorTags customFields"),
        (Stamp, "_info"),
    ],
};

/// An agreement.
pub(super) const AGREEMENT: Schema = Schema {
    resource: "agreement",
    fields: &[
        (Whole, "id expiredDays limit"),
        (Text(100), "name reasonCancelled"),
        (
            Reference("id name"),
            "type contact site subContractContact location opportunity sla billingCycle billingTerms \
            billToContact billToSite taxCode workRole projectType invoiceTemplate companyLocation \
            shipToContact shipToSite",
        ),
        (Reference("id identifier name"), "company subContractCompany department billToCompany shipToCompany"),
        (Reference("id name type chargeFirmFlag"), "parentAgreement"),
        (Text(50), "customerPO"),
        (
            Flag,
            "restrictLocationFlag restrictDepartmentFlag noEndingDateFlag cancelledFlag \
            applicationUnlimitedFlag oneTimeFlag coverAgreementTime coverAgreementProduct \
            coverAgreementExpense coverSalesTax carryOverUnused allowOverruns expireWhenZero \
            chargeToFirm billOneTimeFlag taxable restrictDownPayment prorateFlag \
            invoiceProratedAdditionsFlag topComment bottomComment billableTimeInvoice \
            billableExpenseInvoice billableProductInvoice autoInvoiceFlag billZeroAmountFlag",
        ),
        (Moment, "startDate endDate dateCancelled billStartDate"),
        (Text(20), "workOrder"),
        (Text(usize::MAX), "internalNotes invoiceDescription nextInvoiceDate"),
        (Choice("Amount Hours Incidents"), "applicationUnits"),
        (Number, "applicationLimit compHourlyRate compLimitAmount billAmount prorateFirstBill"),
        (
            Choice("Contract2Weeks Contract4Weeks ContractYear CalendarMonth CalendarQuarter CalendarWeek ContractQuarter CalendarYear"),
            "applicationCycle",
        ),
        (Choice("Actual Hourly"), "employeeCompRate"),
        (Choice("Billing Amount Percent"), "employeeCompNotExceed"),
        (Choice("ContractYear CalendarYear"), "invoicingCycle"),
        (Reference("id name utilizationFlag"), "workType"),
        (Choice("Billable DoNotBill NoCharge NoDefault"), "billTime billExpenses billProducts"),
        (
            Reference(
                "id symbol currencyCode decimalSeparator numberOfDecimals thousandsSeparator negativeParenthesesFlag displaySymbolFlag currencyIdentifier displayIdFlag rightAlign name",
            ),
            "currency",
        ),
        (Choice("Current Future Both Undefined"), "periodType"),
        (Choice("Active Cancelled Expired Inactive"), "agreementStatus"),
        (Stamp, "_info"),
        (List, "customFields"),
    ],
};

/// An addition of an agreement.
pub(super) const ADDITION: Schema = Schema {
    resource: "addition",
    fields: &[
        (Whole, "id agreementId"),
        (Reference("id identifier serializedFlag"), "product"),
        (
            Number,
            "quantity lessIncluded unitPrice unitCost billedQuantity extPrice extCost sequenceNumber \
            margin prorateCost proratePrice extendedProrateCost extendedProratePrice",
        ),
        (Choice("Billable DoNotBill NoCharge"), "billCustomer"),
        (Moment, "effectiveDate cancelledDate"),
        (Flag, "taxableFlag purchaseItemFlag specialOrderFlag prorateCurrentPeriodFlag"),
        (Text(50), "serialNumber"),
        (Text(6000), "invoiceDescription"),
        (Text(usize::MAX), "description uom"),
        (Reference("id name"), "opportunity"),
        (Choice("Active Cancelled Expired Inactive"), "agreementStatus"),
        (Reference("id name description showPriceFlag showSubItemsFlag groupParentChildAdditionsFlag"), "invoiceGrouping"),
        (Stamp, "_info"),
        (List, "customFields"),
    ],
};

/// A catalog item.
pub(super) const CATALOG_ITEM: Schema = Schema {
    resource: "catalogItem",
    fields: &[
        (Whole, "id minStockLevel"),
        (Text(75), "identifier"),
        (Text(60), "description"),
        (
            Flag,
            "inactiveFlag serializedFlag serializedCostFlag phaseProductFlag taxableFlag dropShipFlag \
            specialOrderFlag recurringFlag recurringOneTimeFlag calculatedPriceFlag \
            calculatedCostFlag markupFlag autoUpdateUnitCostFlag autoUpdateUnitPriceFlag",
        ),
        (
            Reference("id name"),
            "subcategory type unitOfMeasure manufacturer sla entityType recurringBillCycle category \
            agreementType",
        ),
        (Choice("Agreement Bundle Inventory NonInventory Service"), "productClass"),
        (
            Number,
            "price cost recurringRevenue recurringCost calculatedPrice calculatedCost \
            markupPercentage",
        ),
        (Choice("FixedFee NotToExceed OverrideRate TimeAndMaterials"), "priceAttribute"),
        (Text(6000), "customerDescription"),
        (Text(50), "manufacturerPartNumber vendorSku integrationXRef"),
        (Reference("id identifier name"), "vendor"),
        (Text(usize::MAX), "notes connectWiseID"),
        (Choice("ContractYear CalendarYear"), "recurringCycleType"),
        (Choice("Billable DoNotBill NoCharge NoDefault"), "billableOption"),
        (Stamp, "_info"),
        (List, "customFields"),
    ],
};

/// A kind of agreement.
pub(super) const AGREEMENT_TYPE: Schema = Schema {
    resource: "agreementType",
    fields: &[
        (Whole, "id expiredDays limit"),
        (Text(50), "name integrationXRef"),
        (Choice("Prefix Suffix"), "prefixSuffixOption"),
        (
            Flag,
            "defaultFlag inactiveFlag prePaymentFlag restrictLocationFlag restrictDepartmentFlag \
            applicationUnlimitedFlag oneTimeFlag coverAgreementTimeFlag coverAgreementProductFlag \
            coverAgreementExpenseFlag coverSalesTaxFlag carryOverUnusedFlag allowOverrunsFlag \
            expireWhenZero chargeToFirmFlag billOneTimeFlag taxableFlag restrictDownPaymentFlag \
            topCommentFlag bottomCommentFlag billableTimeInvoiceFlag billableExpenseInvoiceFlag \
            billableProductInvoiceFlag copyWorkRolesFlag copyWorkTypesFlag addAllWorkRoleExclusions \
            removeAllWorkRoleExclusions addAllWorkTypeExclusions removeAllWorkTypeExclusions \
            prorateFlag autoInvoiceFlag billZeroAmountFlag invoiceProratedAdditionsFlag",
        ),
        (Text(5), "invoicePreSuffix"),
        (
            Reference("id name"),
            "location sla billingCycle billingTerms workRole projectType invoiceTemplate \
            emailTemplate",
        ),
        (Reference("id identifier name"), "department"),
        (Choice("Amount Hours Incidents"), "applicationUnits"),
        (Number, "applicationLimit compHourlyRate compLimitAmount billAmount"),
        (
            Choice("Contract2Weeks Contract4Weeks ContractYear CalendarMonth CalendarQuarter CalendarWeek ContractQuarter CalendarYear"),
            "applicationCycle",
        ),
        (Choice("Actual Hourly"), "employeeCompRate"),
        (Choice("Billing Amount Percent"), "employeeCompNotExceed"),
        (Choice("ContractYear CalendarYear"), "invoicingCycle"),
        (Text(4000), "invoiceDescription"),
        (Reference("id name utilizationFlag"), "workType"),
        (Choice("Billable DoNotBill NoCharge NoDefault"), "billTime billExpenses billProducts"),
        (List, "exclusionWorkRoleIds exclusionWorkTypeIds"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId"),
    ],
};

/// A kind of company.
pub(super) const COMPANY_TYPE: Schema = Schema {
    resource: "companyType",
    fields: &[
        (Whole, "id"),
        (Text(50), "name"),
        (Flag, "defaultFlag vendorFlag serviceAlertFlag"),
        (Text(150), "serviceAlertMessage"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId"),
    ],
};

/// A status of a company.
pub(super) const COMPANY_STATUS: Schema = Schema {
    resource: "companyStatus",
    fields: &[
        (Whole, "id"),
        (Text(50), "name"),
        (
            Flag,
            "defaultFlag inactiveFlag notifyFlag disallowSavingFlag customNoteFlag \
            cancelOpenTracksFlag",
        ),
        (Text(500), "notificationMessage"),
        (Reference("id name"), "track"),
        (Stamp, "_info"),
        (Text(usize::MAX), "connectWiseId"),
    ],
};

/// A billing cycle.
pub(super) const BILLING_CYCLE: Schema = Schema {
    resource: "billingCycle",
    fields: &[
        (Whole, "id"),
        (Text(5), "identifier"),
        (Text(50), "name"),
        (Flag, "defaultFlag"),
        (Choice("BiMonthly BiWeekly Monthly NotRecurring Quarterly SemiAnnual Weekly Yearly"), "billingOptions"),
        (Stamp, "_info"),
    ],
};

/// A recap row of an agreement.
pub(super) const AGREEMENT_RECAP: Schema = Schema {
    resource: "agreementRecap",
    fields: &[
        (Whole, "id unbilledPeriods"),
        (
            Number,
            "adjustmentAmount availableAmount nextInvoiceAmount overrunAmount remainingAmount \
            startingAmount unbilledOverageAmount usedAmount",
        ),
        (
            Text(usize::MAX),
            "agreementStatus name companyName isUnlimited lastInvoiceAmount lastInvoiceDate \
            lastInvoiceNumber nextInvoiceDate",
        ),
    ],
};

/// A right of the calling member.
pub(super) const MY_SECURITY: Schema = Schema {
    resource: "mySecurity",
    fields: &[
        (Whole, "id sortOrder"),
        (Choice("None My All"), "addLevel editLevel deleteLevel inquireLevel"),
        (
            Text(usize::MAX),
            "moduleFunctionName moduleFunctionDescription moduleFunctionIdentifier moduleDescription \
            moduleIdentifier moduleName",
        ),
        (Flag, "myAllFlag reportFlag restrictFlag customFlag"),
        (Reference("id identifier name dailyCapacity"), "member"),
        (Stamp, "_info"),
    ],
};
