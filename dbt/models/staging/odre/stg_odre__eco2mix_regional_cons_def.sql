{{ eco2mix_regional_publie('odre', 'eco2mix_regional_cons_def') }}
